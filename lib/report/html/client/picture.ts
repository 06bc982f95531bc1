import { ALL, writeHash } from './view-state.ts';

const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

/** Lets a square of the picture show its findings, by a click or from the keyboard. The whole picture is one stop of Tab. */
export function startPicture(): void {
  const table = document.querySelector<HTMLTableElement>('table.picture');
  const first = table?.querySelector<HTMLTableCellElement>('td[tabindex]');
  if (!table || !first) return;
  let current = first;
  const moveTo = (cell: HTMLTableCellElement) => {
    current.tabIndex = -1;
    current = cell;
    current.tabIndex = 0;
  };
  moveTo(first);
  table.addEventListener('click', (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    moveTo(cell);
    show(table, cell);
  });
  table.addEventListener('keydown', (event) => {
    const cell = cellOf(event.target);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) {
      const next = neighbour(table, cell, step);
      if (next) moveTo(next);
      current.focus();
    } else if (event.key === 'Enter' || event.key === ' ') show(table, cell);
    else return;
    event.preventDefault();
  });
}

function cellOf(target: EventTarget | null): HTMLTableCellElement | null {
  return target instanceof Element ? target.closest<HTMLTableCellElement>('td[tabindex]') : null;
}

function show(table: HTMLTableElement, { parentElement, cellIndex }: HTMLTableCellElement): void {
  const account = parentElement?.dataset['account'] ?? '';
  const region = table.rows[0]?.cells[cellIndex]?.dataset['region'] ?? '';
  location.hash = writeHash({ ...ALL, account, region });
}

/** The next square in a direction that was scanned. */
function neighbour(
  table: HTMLTableElement,
  { parentElement, cellIndex }: HTMLTableCellElement,
  [down, right]: readonly [number, number],
): HTMLTableCellElement | null {
  let [row, column] = [parentElement instanceof HTMLTableRowElement ? parentElement.rowIndex : 0, cellIndex];
  for (;;) {
    row += down;
    column += right;
    const cell = table.rows[row]?.cells[column];
    if (!cell) return null;
    if (cell instanceof HTMLTableCellElement && cell.matches('td[tabindex]')) return cell;
  }
}
