import type { RunbookBlock, RunbookSection } from '../../api.ts';
import { Copy, Prose } from './common.tsx';

/** A section of the runbook. */
export function Runbook({ section }: { section: RunbookSection }) {
  return (
    <section class="runbook" aria-labelledby="runbook-title">
      <h3 id="runbook-title">Runbook: {section.title}</h3>
      {section.blocks.map((block, index) => (
        <Block key={index} block={block} />
      ))}
    </section>
  );
}

function Block({ block }: { block: RunbookBlock }) {
  switch (block.kind) {
    case 'heading':
      return <h4>{block.text}</h4>;
    case 'text':
      return (
        <p>
          <Prose text={block.text} />
        </p>
      );
    case 'list':
      return (
        <ul class="bullets">
          {block.items.map((item) => (
            <li key={item}>
              <Prose text={item} />
            </li>
          ))}
        </ul>
      );
    case 'code':
      return (
        <div class="command">
          <pre tabIndex={0} aria-label="Command">
            {block.text}
          </pre>
          <Copy text={block.text} what="the command" />
        </div>
      );
    case 'table':
      return (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Table of the runbook">
          <table>
            <thead>
              <tr>
                {block.head.map((name) => (
                  <th key={name} scope="col">
                    <Prose text={name} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column}>
                      <Prose text={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}
