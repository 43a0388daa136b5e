import { barChart } from './bars.ts';

const chart = (values: number[]) =>
  barChart({
    title: 'a < b & c',
    subjects: ['old', 'new'],
    panels: [{ title: 'CPU', format: (value) => `${value} ms`, groups: [{ title: 'small', values }] }],
  });

it('draws the longest bar of a group at full width, and the others in proportion', () => {
  const widths = [
    ...chart([200, 50]).matchAll(
      /<rect x="0" y="\d+" width="([\d.]+)" height="12" fill="#(?:d9d9d9|8ecae6)"/g,
    ),
  ];
  expect(widths.map(([, width]) => Number(width)).filter((width) => width !== 12)).toEqual([300, 75]);
});

it('shows titles, subjects and values, escaped', () => {
  const svg = chart([200, 50]);
  for (const text of ['a &lt; b &amp; c', '>old<', '>new<', '>small<', '>200 ms<', '>50 ms<']) {
    expect(svg).toContain(text);
  }
});
