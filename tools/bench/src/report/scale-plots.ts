import type { Scale, ScalePoint } from '../workloads/scale.ts';
import type { Plot } from './plot.ts';

/** The two plots that show whether anything grows with the number of files. */
export function scalePlots({ batch, backlog }: Scale): Plot[] {
  const series = (value: (point: ScalePoint) => number) =>
    [
      { name: 'in one invocation', points: batch },
      { name: 'in batches of 2,000', points: backlog },
    ].map(({ name, points }) => ({
      name,
      points: points.map((point) => ({ x: point.files, y: value(point) })),
    }));
  return [
    {
      title: 'Processor time a file of 5 KB',
      xLabel: 'files',
      yLabel: 'ms',
      series: series(({ cpuMs }) => cpuMs),
    },
    {
      title: 'Peak resident memory of the process',
      xLabel: 'files',
      yLabel: 'MB',
      series: series(({ peakMb }) => peakMb),
    },
  ];
}
