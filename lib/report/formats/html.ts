import type { ReportFormat } from '../format.ts';

/** A report to send and to print. It keeps the worst findings, so that memory stays bounded, and is written at the end. */
export const HTML_FORMAT: ReportFormat = {
  name: 'html',
  extensions: ['.html'],
  isForPeople: true,
  writers: {
    scan: async () => {
      const [{ htmlReport }, { loadAssets }] = await Promise.all([
        import('../html/writer.ts'),
        import('../html/assets.ts'),
      ]);
      return htmlReport(await loadAssets());
    },
  },
};
