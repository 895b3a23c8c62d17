import type { ReportData } from '../report/html/report-data.ts';
import type { PageTable } from './page-table.ts';

/** What all views are given. */
export interface ViewProps {
  readonly data: ReportData;
  readonly pages: PageTable;
}
