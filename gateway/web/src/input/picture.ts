/** A rectangle on the page, in CSS pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where the picture lies within an element that shows it whole (object-fit: contain). */
export function contentBox(
  element: Box,
  picture: { videoWidth: number; videoHeight: number },
): Box | undefined {
  const { videoWidth, videoHeight } = picture;
  if (!videoWidth || !videoHeight || !element.width || !element.height) return undefined;
  const scale = Math.min(element.width / videoWidth, element.height / videoHeight);
  const width = videoWidth * scale;
  const height = videoHeight * scale;
  return {
    x: element.x + (element.width - width) / 2,
    y: element.y + (element.height - height) / 2,
    width,
    height,
  };
}
