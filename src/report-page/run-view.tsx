import type { ReportData } from '../report/html/report-data.ts';
import { bytesText, clockText, count, dateText, gpuText } from './words.ts';

/** What ran, with which options, on which machine, and what it said on the way. */
export function RunView({ data }: { readonly data: ReportData }) {
  const { report, machines, gpus, notices, options } = data;
  const rows: readonly Row[] = [
    ['Run', report.run || undefined],
    ['Started', report.startedAt === undefined ? undefined : dateText(data.startMs)],
    ['Report made', dateText(data.madeMs)],
    ['Output', report.paths?.output],
    ['Logs', report.paths?.logs],
    ['Exit code', report.exitCode === null ? undefined : String(report.exitCode)],
    ['Retries', count(report.retries)],
    [
      'Ledger',
      `${count(report.ledger.pages)} pages${report.ledger.broken > 0 ? `, ${count(report.ledger.broken)} lines can't be read` : ''}`,
    ],
  ];
  return (
    <>
      <section>
        <h2>Run</h2>
        <Facts rows={rows} />
      </section>
      <section>
        <h2>Machine</h2>
        <Facts
          rows={[
            ...machines.flatMap(({ part, host, cpus, memoryBytes, node }): Row[] => [
              ['Host', part === undefined ? host : `${host} (part ${part})`],
              ['Cores', count(cpus)],
              ['Memory', bytesText(memoryBytes)],
              ['Node', node],
            ]),
            ...gpus.map(
              ({ index, part, name, memoryTotalBytes }): Row => [
                gpuText(index, part),
                [name, memoryTotalBytes === undefined ? undefined : bytesText(memoryTotalBytes)]
                  .filter(Boolean)
                  .join(', '),
              ],
            ),
          ]}
        />
        {machines.length + gpus.length === 0 && <p class="dim">Its events don't tell.</p>}
      </section>
      {notices.length > 0 && (
        <section>
          <h2>Notices</h2>
          <ol class="notices">
            {notices.map(({ at, level, text }, index) => (
              <li key={index} class={level}>
                <span class="dim">{clockText(at / 100)}</span> {text}
              </li>
            ))}
          </ol>
        </section>
      )}
      <section>
        <h2>Options</h2>
        <Facts rows={Object.entries(options).map(([name, value]) => [name, shown(value)])} />
      </section>
    </>
  );
}

type Row = readonly [name: string, value: string | undefined];

const shown = (value: unknown): string | undefined =>
  Array.isArray(value) && value.length === 0
    ? undefined
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

function Facts({ rows }: { readonly rows: readonly Row[] }) {
  const there = rows.filter(([, value]) => value !== undefined && value !== '');
  if (there.length === 0) return null;
  return (
    <dl>
      {there.map(([name, value], at) => (
        <div key={`${at} ${name}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
