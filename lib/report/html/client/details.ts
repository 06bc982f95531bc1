import { commandsIn } from '../../commands.ts';
import type { ProblemData } from '../report-data.ts';
import { sentence } from '../sentence.ts';
import { statusBadges } from './cells.ts';
import { byId, element } from './element.ts';
import { at, type Findings, withPlaces } from './findings.ts';

/** Makes what shows all of one finding. Escape closes it, and the focus goes back. */
export function detailsOf(findings: Findings): (row: number) => void {
  const dialog = byId('details', HTMLDialogElement);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || (event.target instanceof Element && event.target.closest('.close'))) dialog.close();
  });
  return (row) => {
    dialog.replaceChildren(...contents(findings, row));
    dialog.showModal();
    dialog.scrollTop = 0;
  };
}

function contents(findings: Findings, row: number): HTMLElement[] {
  const { status, severity, reasons, warnings, exemption } = findings.facts(row);
  const { account, region } = findings.target(row);
  const [name, arn, key] = [findings.name(row), findings.arn(row), findings.key(row)];
  const own = (text: string) => withPlaces(text, name, arn, key);
  const facts: readonly (readonly [string, string | null])[] = [
    ['Account', account || 'not known'],
    ['Region', region],
    ['ARN', arn],
    ['Key', key ?? 'none'],
  ];
  const card = (places: readonly number[]) => findings.problems(places).map((each) => problemCard(findings, each, own));
  return [
    element(
      'div',
      { class: 'details-head' },
      element('p', {}, ...statusBadges(status, severity, warnings.length)),
      element('button', { type: 'button', class: 'close' }, 'Close'),
    ),
    element('h3', { id: 'details-title' }, element('bdi', {}, name)),
    element('dl', { class: 'facts' }, ...facts.flatMap(([term, text]) => (text === null ? [] : fact(term, text)))),
    ...(exemption < 0 ? [] : [exemptionCard(findings, exemption)]),
    ...(reasons.length + warnings.length === 0 ? [element('p', {}, 'Nothing is wrong with this log store.')] : []),
    ...card(reasons),
    ...card(warnings),
  ];
}

function fact(term: string, text: string): HTMLElement[] {
  return [element('dt', {}, term), element('dd', {}, element('bdi', {}, text))];
}

function problemCard({ data }: Findings, each: ProblemData, own: (text: string) => string): HTMLElement {
  const { code, severity, message } = each;
  const fix = own(each.fix);
  const commands = commandsIn(fix);
  const isCommand = commands[0] !== undefined && fix.startsWith(commands[0]);
  const entry = data.catalogue[code];
  return element(
    'section',
    { class: `fix ${severity.toLowerCase()}` },
    element(
      'div',
      { class: 'fix-head' },
      element('span', { class: `badge ${severity.toLowerCase()}` }, severity),
      element('h4', {}, entry?.title ?? code),
      element('code', {}, code),
    ),
    element('p', {}, entry?.impact ?? ''),
    element('p', { class: 'said' }, sentence(own(message))),
    ...(isCommand ? [] : [element('p', {}, element('strong', {}, 'Fix: '), sentence(fix))]),
    ...commands.map(commandLine),
  );
}

function commandLine(command: string): HTMLElement {
  const unseen = element('span', { class: 'unseen' }, ` ${command}`);
  const button = element('button', { type: 'button', class: 'copy', 'data-copy': command }, 'Copy', unseen);
  return element('div', { class: 'command' }, element('code', {}, command), button);
}

function exemptionCard({ data }: Findings, place: number): HTMLElement {
  const { id, reason, owner, expires } = at(data.exemptions, place);
  const until = expires === null ? 'It has no end.' : `It ends after ${expires}.`;
  return element(
    'p',
    { class: 'notice info' },
    element('strong', {}, `Exempt by ${id}. `),
    `${reason} – ${owner} answers for it. ${until}`,
  );
}
