// Whether the system's fonts have an emoji. Without it one sees an empty box, or the parts of which it is made.

const CERTAIN = "\u{1f600}";
const SIZE = 24; // px
const SAME = 16; // of 255: some browsers blur what is read back, so that nobody is known by their fonts

/** Nothing is told from a canvas that may not be read: all is drawn then. */
export function emojiFont(): (emoji: string) => boolean {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!context || !inColour(context, CERTAIN)) return () => true;
  const wide = 1.5 * context.measureText(CERTAIN).width;
  return (emoji) => context.measureText(emoji).width < wide && inColour(context, emoji);
}

/** An emoji has its own colours, whatever it is written with; the box for what is missing has the ink's. */
function inColour(context: CanvasRenderingContext2D, emoji: string): boolean {
  const [black, white] = ["#000", "#fff"].map((ink) => written(context, emoji, ink));
  return black!.some((value) => value > SAME) && black!.every((value, i) => Math.abs(value - white![i]!) <= SAME);
}

function written(context: CanvasRenderingContext2D, emoji: string, ink: string): Uint8ClampedArray {
  context.clearRect(0, 0, 2 * SIZE, 2 * SIZE);
  context.font = `${SIZE}px sans-serif`;
  context.textBaseline = "top";
  context.fillStyle = ink;
  context.fillText(emoji, 4, 4);
  return context.getImageData(0, 0, 2 * SIZE, 2 * SIZE).data;
}
