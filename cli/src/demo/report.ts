import type { Summary } from './summary.js';
export const reportOf = (summary: Summary): string => summary.source;
