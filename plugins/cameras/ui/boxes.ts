import type { NamedBox, Who } from '../track-names.ts';

/** Drawing what was found over a picture. Pictures are of any colour, so lines are light with a dark edge. */

/** Where the picture lies on the canvas, CSS pixels; `scale` turns native pixels into them. */
export interface PlacedPicture {
  left: number;
  top: number;
  width: number;
  height: number;
  scale: number;
}

interface Look {
  colour: string;
  /** Corners only: faces lie inside bodies, and a second full frame would hide them. */
  corners: boolean;
}

const LOOKS: Record<string, Look> = {
  face: { colour: '#7cc4ff', corners: true },
  person: { colour: '#ffc861', corners: false },
  body: { colour: '#ffc861', corners: false },
};
const OTHER: Look = { colour: '#8fe3b0', corners: false };
/** Of a face that was compared: those of the badges of captures, as they are on dark ground. */
const WHO_COLOURS: Record<Who['kind'], string> = {
  'key-person': '#ff938a',
  'white-list': '#5fcf9b',
  stranger: '#e7ebef',
};

const DARK = 'rgb(8 14 20 / 80%)';
const FONT = '600 12px system-ui, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif';
const LABEL_HEIGHT = 18;
/** Of a long name the end is cut off. */
const MOST_LABEL = 260;
/** Below this width of a picture labels would cover what they name. */
const LEAST_FOR_LABELS = 220;

/**
 * Draws each box with its label; boxes are in native pixels. Labels come last, so that no line crosses them.
 * @param top CSS pixels at the upper edge of the canvas that something else is written over
 */
export function drawBoxes(
  context: CanvasRenderingContext2D,
  boxes: readonly NamedBox[],
  place: PlacedPicture,
  top: number,
  label: (box: NamedBox) => string,
): void {
  context.lineJoin = 'round';
  context.lineCap = 'round';
  const placed = boxes.map((box) => ({ box, look: lookOf(box), on: onCanvas(box, place) }));
  for (const { look, on } of placed) {
    const outline = outlineOf(look, on);
    context.strokeStyle = DARK;
    context.lineWidth = 4;
    context.stroke(outline);
    context.strokeStyle = look.colour;
    context.lineWidth = 2;
    context.stroke(outline);
  }
  if (place.width < LEAST_FOR_LABELS) return;
  for (const { box, look, on } of placed) drawLabel(context, label(box), look, on, place, top);
}

function lookOf({ label, who }: NamedBox): Look {
  const look = LOOKS[label] ?? OTHER;
  return who ? { ...look, colour: WHO_COLOURS[who.kind] } : look;
}

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

function onCanvas({ box: [left, top, right, bottom] }: NamedBox, place: PlacedPicture): Rectangle {
  return {
    x: place.left + left * place.scale,
    y: place.top + top * place.scale,
    width: (right - left) * place.scale,
    height: (bottom - top) * place.scale,
  };
}

function outlineOf({ corners }: Look, { x, y, width, height }: Rectangle): Path2D {
  const path = new Path2D();
  if (!corners) {
    path.rect(x, y, width, height);
    return path;
  }
  const arm = Math.max(4, Math.min(width, height) * 0.28);
  for (const [cornerX, cornerY, towardsX, towardsY] of [
    [x, y, arm, arm],
    [x + width, y, -arm, arm],
    [x + width, y + height, -arm, -arm],
    [x, y + height, arm, -arm],
  ] as const) {
    path.moveTo(cornerX + towardsX, cornerY);
    path.lineTo(cornerX, cornerY);
    path.lineTo(cornerX, cornerY + towardsY);
  }
  return path;
}

/**
 * Above the box, for faces below it, where the label of the body does not stand; always on the picture and clear of
 * what is written over its upper edge.
 */
function drawLabel(
  context: CanvasRenderingContext2D,
  whole: string,
  { colour, corners }: Look,
  { x, y, height }: Rectangle,
  place: PlacedPicture,
  top: number,
): void {
  context.font = FONT;
  const text = shortened(context, whole, Math.min(MOST_LABEL, place.width) - 10);
  const width = Math.ceil(context.measureText(text).width) + 10;
  const least = Math.max(place.top, top);
  const most = place.top + place.height - LABEL_HEIGHT;
  const labelX = Math.max(place.left, Math.min(x - 1, place.left + place.width - width));
  const wished = corners ? y + height + 2 : y - LABEL_HEIGHT - 1;
  const labelY = Math.max(least, Math.min(wished, most));
  context.fillStyle = colour;
  context.fillRect(labelX, labelY, width, LABEL_HEIGHT);
  context.fillStyle = '#08131d';
  context.textBaseline = 'middle';
  context.fillText(text, labelX + 5, labelY + LABEL_HEIGHT / 2 + 0.5);
}

/** As much of a text as fits. @param most CSS pixels */
function shortened(context: Pick<CanvasRenderingContext2D, 'measureText'>, text: string, most: number): string {
  if (context.measureText(text).width <= most) return text;
  const letters = [...text];
  while (letters.length > 1 && context.measureText(`${letters.join('')}…`).width > most) letters.pop();
  return `${letters.join('')}…`;
}
