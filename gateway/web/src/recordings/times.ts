/** A place in a recording: "0:07.3", "12:40.0", "1:02:03.4". */
export function clock(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = `${String(seconds % 60).padStart(2, "0")}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** A size in words: "512 kB", "48 MB", "1.3 GB". */
export function size(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

const faults: Record<string, string> = {
  "disk-full": "The disk was full",
  "storage-failed": "It could not be stored",
  "media-failed": "The picture could not be written down",
  "nothing-shown": "Nothing was shown",
  "worker-lost": "The worker was lost",
};

const ends: Record<string, string> = {
  "full-length": "Ended at the longest that is recorded",
  "full-size": "Ended at the largest that is recorded",
};

/** What is to be known of a recording's end; empty where all went as wished. */
export function remark({ state, fault, endReason }: { state: string; fault?: string; endReason?: string }): string {
  if (state === "recording") return "Being recorded";
  if (state === "failed") return `${faults[fault ?? ""] ?? fault ?? "It broke off"}; what there was is kept`;
  return ends[endReason ?? ""] ?? "";
}
