import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { startSandbox } from '../sandbox/sandbox.ts';

/**
 * `npm run demo:picture`: writes docs/images/terminal.svg, the first lines of a real `logseal scan` of the demo world on a
 * terminal of 80 columns. Run it again when the output changes.
 */
const COLUMNS = 80;
const LINES = 31;
const CELL = { width: 8.4, height: 19 };
const MARGIN = 16;
const ESCAPE = String.fromCharCode(27);
/** By the parameter of the escape sequence that begins it. */
const STYLES: Readonly<Record<string, string>> = {
  '1': 'font-weight="bold"',
  '2': 'opacity="0.65"',
  '31': 'fill="#ff7b72"',
  '32': 'fill="#7ee787"',
  '33': 'fill="#e3b341"',
  '36': 'fill="#76e3ea"',
};

const root = resolve(import.meta.dirname, '..');
const file = join(root, 'docs/images/terminal.svg');
const sandbox = await startSandbox({ world: join(root, 'sandbox/worlds/demo.yaml') });
try {
  const output = await scan(sandbox.environment());
  const lines = [`${ESCAPE}[1m$ logseal scan${ESCAPE}[0m`, ...output.split('\n').slice(0, LINES)];
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, pictureOf(lines));
} finally {
  await sandbox.close();
}

/** What the command writes on a terminal with colours. Its exit status says that something was found. */
function scan(environment: Record<string, string>): Promise<string> {
  const env = { ...process.env, ...environment, COLUMNS: String(COLUMNS), CLICOLOR_FORCE: '1', NO_COLOR: undefined };
  return new Promise((done, fail) => {
    execFile(process.execPath, [join(root, 'cli/main.ts'), 'scan'], { env }, (error, stdout) => {
      if (error && error.code !== 3) fail(error);
      else done(stdout);
    });
  });
}

function pictureOf(lines: readonly string[]): string {
  const [width, height] = [COLUMNS * CELL.width + 2 * MARGIN, lines.length * CELL.height + 2 * MARGIN];
  const title =
    'A terminal: logseal scan says what was scanned, what was found by severity and reason, and then the worst first';
  const texts = lines.map((line, row) => rowOf(line, MARGIN + (row + 0.75) * CELL.height)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<title>${title}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3" xml:space="preserve">
${texts}</g>
</svg>
`;
}

/** Each run of one style at its own column, so that columns stand under each other in any font. */
function rowOf(line: string, y: number): string {
  const styles = new Set<string>();
  let column = 0;
  return line
    .split(new RegExp(`(${ESCAPE}\\[[\\d;]*m)`))
    .flatMap((piece) => {
      const sequence = piece.startsWith(ESCAPE) ? piece.slice(2, -1) : undefined;
      if (sequence !== undefined) {
        for (const parameter of sequence.split(';')) change(styles, parameter);
        return '';
      }
      return runsOf(stripVTControlCharacters(piece)).map((run) => {
        const x = MARGIN + (column + run.indent) * CELL.width;
        column += run.indent + stringWidth(run.text);
        if (!run.text) return '';
        const length = (stringWidth(run.text) * CELL.width).toFixed(1);
        const attributes = [...styles].map((one) => ` ${STYLES[one]}`).join('');
        return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" textLength="${length}"${attributes}>${escaped(run.text)}</text>\n`;
      });
    })
    .join('');
}

/** Words that two or more spaces separate, each with the spaces before it. */
function runsOf(text: string): { indent: number; text: string }[] {
  return [...text.matchAll(/( *)(\S+(?: \S+)*)|( +)$/g)].map(([, indent = '', words = '', end = '']) => ({
    indent: indent.length + end.length,
    text: words,
  }));
}

function change(styles: Set<string>, parameter: string): void {
  if (parameter === '' || parameter === '0') styles.clear();
  else if (parameter === '22') {
    styles.delete('1');
    styles.delete('2');
  } else if (parameter === '39') for (const one of [...styles]) if (one.startsWith('3')) styles.delete(one);
  if (parameter in STYLES) styles.add(parameter);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
