import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** @param isColored whether a terminal that shows colours reads the text */
export function colors(isColored: boolean): Colors {
  return pc.createColors(isColored);
}
