import type { ReportFormat } from '../format.ts';

/** For GitHub's step summary and comments. It is bounded, and says what it left out. */
export const MARKDOWN_FORMAT: ReportFormat = {
  name: 'markdown',
  extensions: ['.md'],
  isForPeople: true,
  writers: {
    scan: async () => (await import('../markdown/scan.ts')).scanMarkdown,
    plan: async () => (await import('../markdown/plan.ts')).planMarkdown,
    outcome: async () => (await import('../markdown/outcome.ts')).outcomeMarkdown,
    'key-check': async () => (await import('../markdown/key-check.ts')).keyCheckMarkdown,
    template: async () => (await import('../markdown/template.ts')).templateMarkdown,
    'policy-verdict': async () => (await import('../markdown/verdict.ts')).verdictMarkdown,
    'policy-verdicts': async () => (await import('../markdown/verdict.ts')).verdictsMarkdown,
  },
};
