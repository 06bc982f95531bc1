import type { ReportData } from '../report-data.ts';
import { rowCells } from './cells.ts';
import { chooser } from './choose.ts';
import { controls } from './controls.ts';
import { startCopying } from './copy.ts';
import { detailsOf } from './details.ts';
import { byId } from './element.ts';
import { findingsOf } from './findings.ts';
import { virtualGrid } from './grid.ts';
import { startPicture } from './picture.ts';
import { startPrinting } from './print.ts';
import { isState, readHash, type ViewState, writeHash } from './view-state.ts';

const findings = findingsOf(JSON.parse(byId('report-data', HTMLElement).textContent) as ReportData);
const choose = chooser(findings);
const cells = (row: number) => rowCells(findings, row);
const frame = byId('grid', HTMLElement);
byId('filters', HTMLElement).hidden = false;
const grid = virtualGrid(frame, byId('rows', HTMLElement), cells, detailsOf(findings));
let state = readHash(isState(location.hash) ? location.hash : '');
const form = controls(() => state, change);

function show(): void {
  const rows = choose(state);
  form.show(state);
  frame.hidden = rows.length === 0;
  grid.show(rows);
  byId('grid-keys', HTMLElement).hidden = rows.length === 0;
  byId('none', HTMLElement).hidden = rows.length > 0;
  const [some, all] = [rows.length, findings.length].map((count) => count.toLocaleString('en'));
  byId('shown', HTMLElement).textContent =
    `${some === all ? '' : `${some} of `}${all} ${findings.length === 1 ? 'finding' : 'findings'}`;
}

/** What a person has chosen is in the address, so that it can be sent to somebody. */
function change(next: ViewState): void {
  state = next;
  const hash = writeHash(state);
  history.replaceState(null, '', hash || `${location.pathname}${location.search}`);
  show();
}

function goToFindings(): void {
  const section = byId('findings', HTMLElement);
  section.scrollIntoView({ behavior: 'instant' });
  section.focus({ preventScroll: true });
}

addEventListener('hashchange', () => {
  if (!isState(location.hash)) return;
  state = readHash(location.hash);
  show();
  goToFindings();
});

// A link to what the address already says raises no event.
document.addEventListener('click', ({ target }) => {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
  if (link && link.hash === location.hash && isState(link.hash)) goToFindings();
});

startCopying();
startPicture();
startPrinting(grid.rows, cells);
show();
if (isState(location.hash)) goToFindings();
