// One HTML file that needs nothing from anywhere: its head and style, its tables and colours. What
// stands in it: report.ts (demo) and compareReport.ts (market compare).
import { escapeHtml } from './plot.js';

const STYLE = `
body{font:16px/1.45 system-ui,sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;font-size:.85rem}
td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:1.5rem 0}figcaption{font-weight:600}.legend{margin:.2rem 0;font-size:.85rem}
svg{width:100%;height:auto}.grid{stroke:#e4e4e4}.tick{font-size:11px;fill:#555}
.right{text-anchor:end;dominant-baseline:middle}.mid{text-anchor:middle}
.ok{color:#1a7f37}.bad{color:#c62828;font-weight:600}code{font-size:.8rem;word-break:break-all}`;

export const BLUE = '#2f6fb2';
export const ORANGE = '#e08a1e';
export const GREEN = '#3a9a5b';
export const GREY = '#9aa0a6';

/** A document with its title as heading; `body` is HTML. */
export const page = (title: string, body: readonly string[]): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  `<title>${escapeHtml(title)}</title>` +
  `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>` +
  `<body><h1>${escapeHtml(title)}</h1>\n${body.join('\n')}</body></html>\n`;

/** Cells are text; numbers stand on the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (text: string): boolean => /^-?[0-9.]+$/.test(text);
  const cell = (text: string): string =>
    `<td${isNumber(text) ? ' class="n"' : ''}>${escapeHtml(text)}</td>`;
  const titles = head.map((text) => `<th>${escapeHtml(text)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('');
  return `<table><tr>${titles}</tr>${body}</table>`;
}
