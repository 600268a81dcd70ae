// The reliability diagram: predicted probability against the share of right predictions. Points on the diagonal are
// well calibrated.
import type { Figures } from '../api.ts';
import { formatCount, formatShare } from '../numbers.ts';
import { strings } from '../strings.ts';

const SIZE = 320;
const LEFT = 44;
const BOTTOM = 40;
const TOP = 12;
const RIGHT = 18;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

const x = (share: number): number => LEFT + share * (SIZE - LEFT - RIGHT);
const y = (share: number): number => TOP + (1 - share) * (SIZE - TOP - BOTTOM);

export function ReliabilityDiagram({ figures }: { readonly figures: Figures }) {
  const bins = figures.reliability.filter(({ n }) => n > 0);
  const most = Math.max(1, ...bins.map(({ n }) => n));
  return (
    <figure class="reliability">
      <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={strings.reliabilityLabel(bins.length)}>
        {TICKS.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={x(tick)} x2={x(tick)} y1={y(0)} y2={y(1)} />
            <line class="grid" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
            <text class="tick" x={x(tick)} y={y(0) + 15} text-anchor="middle">
              {Math.round(tick * 100)}%
            </text>
            <text class="tick" x={x(0) - 6} y={y(tick) + 4} text-anchor="end">
              {Math.round(tick * 100)}%
            </text>
          </g>
        ))}
        <line class="diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
        {bins.map(({ low, confidence, accuracy, n }) => (
          <g key={low}>
            <line class="gap" x1={x(confidence)} x2={x(confidence)} y1={y(confidence)} y2={y(accuracy)} />
            <circle class="bin" cx={x(confidence)} cy={y(accuracy)} r={3 + 7 * Math.sqrt(n / most)} />
          </g>
        ))}
        <text class="axis" x={x(0.5)} y={SIZE - 6} text-anchor="middle">
          {strings.reliabilitySaid}
        </text>
        <text class="axis" transform={`translate(10 ${y(0.5)}) rotate(-90)`} text-anchor="middle">
          {strings.reliabilityTrue}
        </text>
      </svg>
      <figcaption class="fine">{strings.reliabilityCaption}</figcaption>
      <details>
        <summary>{strings.reliabilityTable}</summary>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{strings.reliabilitySaid}</th>
              <th scope="col">{strings.reliabilityTrue}</th>
              <th scope="col">{strings.articles}</th>
            </tr>
          </thead>
          <tbody>
            {bins.map(({ low, confidence, accuracy, n }) => (
              <tr key={low}>
                <td>{formatShare(confidence)}</td>
                <td>{formatShare(accuracy)}</td>
                <td>{formatCount(n)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
