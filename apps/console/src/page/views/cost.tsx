import type { Cost, CostLine } from '../../api.ts';
import { Fact, Facts, Loading, Problem } from '../parts/common.tsx';
import { useLoaded } from '../state/request.ts';
import { duration, figure, usd } from '../text/format.ts';

/** What the last hour costs per month, if it goes on. */
export function CostView() {
  const cost = useLoaded<Cost>('/api/cost');
  return (
    <>
      {cost.error && <Problem error={cost.error} retry={cost.reload} />}
      {!cost.data && !cost.error && <Loading what="rates" />}
      {cost.data && <Bill cost={cost.data} reload={cost.reload} isLoading={cost.isLoading} />}
    </>
  );
}

function Bill({ cost, reload, isLoading }: { cost: Cost; reload: () => void; isLoading: boolean }) {
  const areas = [...new Set(cost.lines.map(({ area }) => area))];
  const highest = Math.max(...cost.lines.map(({ usdPerMonth }) => usdPerMonth), 0);
  return (
    <>
      <div class="tools">
        <p class="grow">
          <b class="total">{usd(cost.usdPerMonth)}</b> a month, if the last{' '}
          {duration(cost.measuredSeconds * 1_000)} go on, at the prices of {cost.pricesOf}
          {cost.pricesOf !== cost.region && ` (there is no price table for ${cost.region})`}.
        </p>
        <button type="button" disabled={isLoading} onClick={reload}>
          {isLoading ? 'Measuring …' : 'Measure again'}
        </button>
      </div>
      <div class="columns cost">
        <table class="bill">
          <caption class="visually-hidden">Monthly bill by line</caption>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col" class="number">
                Quantity a month
              </th>
              <th scope="col" class="number">
                USD a month
              </th>
            </tr>
          </thead>
          {areas.map((area) => (
            <Area
              key={area}
              area={area}
              lines={cost.lines.filter((line) => line.area === area)}
              highest={highest}
            />
          ))}
          <tfoot>
            <tr>
              <th scope="row">Total</th>
              <td />
              <td class="number">
                <b>{usd(cost.usdPerMonth)}</b>
              </td>
            </tr>
          </tfoot>
        </table>
        <aside class="panel" aria-labelledby="basis">
          <h2 id="basis">Basis</h2>
          <Facts>
            {cost.measured.map(({ label, value, unit }) => (
              <Fact key={label} name={label}>
                {figure(value)} {unit}
              </Fact>
            ))}
          </Facts>
          <ul class="bullets">
            {cost.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
            {cost.consoleUsdPerMonth > 0 && (
              <li>This console costs {usd(cost.consoleUsdPerMonth)} a month if it is always open.</li>
            )}
          </ul>
        </aside>
      </div>
    </>
  );
}

/** Units such as `1,000 requests` are multiplied. */
function quantityOf(quantity: number, unit: string): string {
  return `${figure(quantity)} ${/^\d/.test(unit) ? '× ' : ''}${unit}`;
}

function Area({ area, lines, highest }: { area: string; lines: readonly CostLine[]; highest: number }) {
  const total = lines.reduce((sum, { usdPerMonth }) => sum + usdPerMonth, 0);
  return (
    <tbody>
      <tr class="area">
        <th scope="rowgroup" colSpan={2}>
          {area}
        </th>
        <td class="number">{usd(total)}</td>
      </tr>
      {lines.map(({ what, quantity, unit, usdPerMonth, isMeasured, isPriceChecked }) => (
        <tr key={what}>
          <th scope="row">
            {what}
            {!isMeasured && <span class="chip">assumed</span>}
            {!isPriceChecked && <span class="chip">price not checked</span>}
          </th>
          <td class="number quiet">{quantityOf(quantity, unit)}</td>
          <td class="number">
            <span
              class="share"
              aria-hidden="true"
              style={{ width: `${highest === 0 ? 0 : (usdPerMonth / highest) * 100}%` }}
            />
            {usd(usdPerMonth)}
          </td>
        </tr>
      ))}
    </tbody>
  );
}
