import { element } from './element.ts';

/**
 * A list of which only the rows in sight are in the page. Browsers lay out at least 17 million pixels, which is more than a
 * report's findings take.
 */
export interface Grid {
  /** Shows other rows, from the first one on. */
  show(rows: Int32Array): void;
  /** The rows that are shown. */
  readonly rows: () => Int32Array;
}

/** Rows above and below those in sight, so that scrolling shows no gaps. */
const SPARE_ROWS = 8;

/**
 * @param frame what scrolls, and has the focus: the active row is named by `aria-activedescendant`
 * @param body what holds the rows
 * @param cells makes the cells of a row
 * @param open is called when a row is chosen
 */
export function virtualGrid(
  frame: HTMLElement,
  body: HTMLElement,
  cells: (row: number) => HTMLElement[],
  open: (row: number) => void,
): Grid {
  let rows: Int32Array = new Int32Array();
  let active = 0;
  let isQueued = false;
  const rowHeight = () => Number.parseFloat(getComputedStyle(frame).getPropertyValue('--row-height')) || 44;
  const headHeight = () => body.offsetTop;

  function draw(): void {
    isQueued = false;
    const height = rowHeight();
    body.style.height = `${rows.length * height}px`;
    const top = frame.scrollTop;
    const first = Math.max(0, Math.floor(top / height) - SPARE_ROWS);
    const last = Math.min(rows.length, Math.ceil((top + frame.clientHeight) / height) + SPARE_ROWS);
    const drawn: HTMLElement[] = [];
    for (let place = first; place < last; place++) drawn.push(rowElement(place, place * height));
    body.replaceChildren(...drawn);
    markActive();
  }

  function rowElement(place: number, y: number): HTMLElement {
    const made = element('div', { role: 'row', id: `row-${place}`, 'aria-rowindex': `${place + 2}`, class: 'row' });
    made.style.transform = `translateY(${y}px)`;
    made.dataset['place'] = `${place}`;
    made.append(...cells(rows[place] ?? 0));
    return made;
  }

  function markActive(): void {
    body.querySelector('.active')?.classList.remove('active');
    const row = document.getElementById(`row-${active}`);
    row?.classList.add('active');
    if (row) frame.setAttribute('aria-activedescendant', row.id);
    else frame.removeAttribute('aria-activedescendant');
  }

  function queue(): void {
    if (isQueued) return;
    isQueued = true;
    requestAnimationFrame(draw);
  }

  function goTo(place: number): void {
    active = Math.max(0, Math.min(rows.length - 1, place));
    const height = rowHeight();
    const [top, bottom] = [active * height, (active + 1) * height];
    const space = frame.clientHeight - headHeight();
    if (top < frame.scrollTop) frame.scrollTop = top;
    else if (bottom > frame.scrollTop + space) frame.scrollTop = bottom - space;
    draw();
  }

  const perPage = () => Math.max(1, Math.floor((frame.clientHeight - headHeight()) / rowHeight()) - 1);
  const moves: Readonly<Record<string, () => number>> = {
    ArrowDown: () => active + 1,
    ArrowUp: () => active - 1,
    PageDown: () => active + perPage(),
    PageUp: () => active - perPage(),
    Home: () => 0,
    End: () => rows.length - 1,
  };
  frame.addEventListener('keydown', (event) => {
    if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = moves[event.key];
    if (move) goTo(move());
    else if (event.key === 'Enter' || event.key === ' ') openActive();
    else return;
    event.preventDefault();
  });
  body.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    if (!row || getSelection()?.isCollapsed === false) return;
    active = Number(row.dataset['place']);
    markActive();
    openActive();
  });
  frame.addEventListener('scroll', queue, { passive: true });
  addEventListener('resize', queue);

  function openActive(): void {
    const row = rows[active];
    if (row !== undefined) open(row);
  }

  return {
    show(others) {
      rows = others;
      active = 0;
      frame.scrollTop = 0;
      frame.setAttribute('aria-rowcount', `${rows.length + 1}`);
      draw();
    },
    rows: () => rows,
  };
}
