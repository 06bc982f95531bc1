import { byId, element } from './element.ts';

/** As many findings as are printed: about 40 pages. */
const MAX_PRINTED = 1_000;

/** Puts the findings that are shown on paper, where a list of which only a part is in the page would be cut off. */
export function startPrinting(rows: () => Int32Array, cells: (row: number) => HTMLElement[]): void {
  const grid = byId('grid', HTMLElement);
  const note = byId('print-note', HTMLElement);
  const begin = () => {
    end();
    const all = rows();
    const printed = [...all.subarray(0, MAX_PRINTED)].map((row) =>
      element('div', { role: 'row', class: 'row' }, ...cells(row)),
    );
    grid.append(element('div', { id: 'printed', role: 'rowgroup' }, ...printed));
    note.hidden = all.length <= MAX_PRINTED;
    note.textContent = `Printed: the first ${MAX_PRINTED.toLocaleString('en')} of ${all.length.toLocaleString('en')} findings. Filter them to print others.`;
  };
  const end = () => {
    document.getElementById('printed')?.remove();
    note.hidden = true;
  };
  const print = matchMedia('print');
  print.addEventListener('change', () => (print.matches ? begin() : end()));
  addEventListener('beforeprint', begin);
  addEventListener('afterprint', end);
}
