// Runs in the page that plays, and sees what its player sees: it presses keys,
// and reads the strips of each picture that is presented. The layout of the
// strips is the Latency Lab's.
(() => {
  const columns = 40;
  const rows = 45;
  const sync = [1, 0, 1, 1, 0, 0, 1, 0];
  const faults = { clean: 0, torn: 1, unreadable: 2 };
  const video = document.querySelector('[data-testid="video"]');
  const pad = document.querySelector('[role="application"]');

  /** Unix nanoseconds of a time of this page's clock. */
  const nanoseconds = (at) => Math.round((performance.timeOrigin + at) * 1e6);

  /** CRC-8/SMBUS. */
  function checksum(bytes) {
    let crc = 0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
    }
    return crc;
  }

  /** Reads a strip out of the luma of its rectangle; null if it can't be read. */
  function readStrip(luma, stride, top, firstRow, width, height) {
    const levels = [];
    for (let i = 0; i < 2 * columns; i++) {
      let sum = 0;
      for (let a = 1; a <= 3; a++) {
        for (let b = 1; b <= 3; b++) {
          const x = Math.floor((width * (4 * (i % columns) + a)) / (4 * columns));
          const y = Math.floor((height * (4 * (firstRow + Math.floor(i / columns)) + b)) / (4 * rows));
          sum += luma[(y - top) * stride + x];
        }
      }
      levels.push(sum / 9);
    }
    let white = 0;
    let black = 0;
    sync.forEach((bit, i) => (bit ? (white += levels[i] / 4) : (black += levels[i] / 4)));
    if (white - black < 48) return null;
    const middle = (white + black) / 2;
    const unclear = (white - black) / 6;
    if (levels.some((level) => Math.abs(level - middle) < unclear)) return null;
    const bytes = [];
    for (let i = 0; i < levels.length; i += 8) {
      bytes.push(levels.slice(i, i + 8).reduce((sum, level) => sum * 2 + (level > middle ? 1 : 0), 0));
    }
    if (bytes[0] !== 0b10110010 || bytes[9] !== checksum(bytes.slice(1, 9))) return null;
    const number = (from) => bytes.slice(from, from + 4).reduce((sum, byte) => sum * 256 + byte, 0);
    return { frame: number(1), inputs: number(5) };
  }

  /** Copies the luma of some lines of a picture; their chroma comes along. */
  async function copyLuma(picture, top, bottom) {
    const { width, height } = picture.visibleRect;
    const y = Math.floor((height * top) / rows / 2) * 2;
    const end = Math.min(height, Math.ceil((height * bottom) / rows / 2) * 2);
    const rect = { x: picture.visibleRect.x, y: picture.visibleRect.y + y, width, height: end - y };
    const data = new Uint8Array(picture.allocationSize({ rect }));
    const [layout] = await picture.copyTo(data, { rect });
    return { data, stride: layout.stride, offset: layout.offset, y };
  }

  /** Reads both strips of a picture. */
  async function read(picture) {
    const format = picture.format ?? "";
    if (!format.startsWith("I4") && !format.startsWith("NV12")) throw new Error(`pictures have the format ${format}`);
    const { width, height } = picture.visibleRect;
    const strips = [0, rows - 2].map(async (row) => {
      const { data, stride, offset, y } = await copyLuma(picture, row, row + 2);
      return readStrip(data.subarray(offset), stride, y, row, width, height);
    });
    const [top, bottom] = await Promise.all(strips);
    if (!top || !bottom) return { frame: 0, inputs: 0, fault: faults.unreadable };
    if (top.frame !== bottom.frame || top.inputs !== bottom.inputs) return { frame: 0, inputs: 0, fault: faults.torn };
    return { ...top, fault: faults.clean };
  }

  let sights = [];
  let reading = [];
  let failure;
  let shown = 0; // pictures, those too that this script was not called for

  function present(_, meta) {
    video.requestVideoFrameCallback(present);
    shown = meta.presentedFrames;
    const picture = new VideoFrame(video);
    const sight = {
      rtp: meta.rtpTimestamp,
      arrived: nanoseconds(meta.receiveTime),
      decoded: nanoseconds(meta.presentationTime),
      presented: nanoseconds(meta.expectedDisplayTime),
      width: meta.width,
      height: meta.height,
    };
    sights.push(sight);
    reading.push(
      read(picture)
        .then((found) => Object.assign(sight, found), (error) => (failure = error))
        .finally(() => picture.close()),
    );
  }

  const sleep = (until) => new Promise((resolve) => setTimeout(resolve, Math.max(0, until - performance.now())));

  function key(type) {
    pad.dispatchEvent(new KeyboardEvent(type, { code: "KeyA", key: "a", bubbles: true, cancelable: true }));
  }

  /** What has arrived, by the statistics of the page's connections. */
  async function arrived() {
    const totals = { bytes: 0, frames: 0, sound: 0 };
    for (const peer of window.playcastPeers) {
      for (const entry of (await peer.getStats()).values()) {
        if (entry.type !== "inbound-rtp") continue;
        if (entry.kind === "audio") totals.sound += entry.packetsReceived;
        else {
          totals.bytes += entry.bytesReceived;
          totals.frames += entry.framesReceived;
        }
      }
    }
    return totals;
  }

  window.playcastBench = {
    /** Presses a key so many times; all times are in ms. */
    async play({ presses, least, most, hold, last }) {
      const before = await arrived();
      sights = [];
      reading = [];
      const sent = [];
      const shownBefore = shown;
      const began = performance.now();
      for (let at = began; sent.length < presses; at += least + Math.random() * (most - least)) {
        await sleep(at);
        sent.push(nanoseconds(performance.now()));
        key("keydown");
        await sleep(at + hold);
        key("keyup");
      }
      await sleep(performance.now() + last);
      const ended = performance.now();
      const after = await arrived();
      const seen = sights;
      const shownAll = shown - shownBefore;
      await Promise.all(reading);
      if (failure) throw failure;
      return {
        presses: sent,
        sights: seen,
        shown: shownAll,
        began: nanoseconds(began),
        ended: nanoseconds(ended),
        bytes: after.bytes - before.bytes,
        frames: after.frames - before.frames,
        sound: after.sound - before.sound,
      };
    },

    /** One picture's reading and luma, in base64. */
    async picture() {
      const picture = new VideoFrame(video);
      try {
        const found = await read(picture);
        const { data, stride, offset } = await copyLuma(picture, 0, rows);
        const { width, height } = picture.visibleRect;
        let text = "";
        for (let at = 0; at < height; at++) {
          text += String.fromCharCode(...data.subarray(offset + at * stride, offset + at * stride + width));
        }
        return { ...found, width, height, luma: btoa(text) };
      } finally {
        picture.close();
      }
    },
  };
  video.requestVideoFrameCallback(present);
})();
