import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualListProps<Item> {
  items: readonly Item[];
  /** For screen readers. */
  label: string;
  /** A value that identifies the item, in the list and in the page. */
  idOf: (item: Item) => string;
  hrefOf: (item: Item) => string;
  selected?: string | undefined;
  /** Lines of text in a row. */
  lines?: 1 | 2;
  row: (item: Item) => ComponentChildren;
}

/** Rows beyond the visible ones, so that fast scrolling shows no gap. */
const SPARE_ROWS = 8;

/**
 * A list of links of any length, of which only the visible rows are in the document. All rows have the height of the CSS
 * variable `--row`. One row is in the tab order; arrow keys, Page Up, Page Down, Home and End move through the others.
 */
export function VirtualList<Item>({
  items,
  label,
  idOf,
  hrefOf,
  selected,
  lines = 1,
  row,
}: VirtualListProps<Item>) {
  const frame = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLDivElement>(null);
  const [{ top, height, rowHeight }, setView] = useState({ top: 0, height: 600, rowHeight: 40 });
  const [active, setActive] = useState(0);
  const focusNext = useRef(false);

  useLayoutEffect(() => {
    const measure = () => {
      const [outer, one] = [frame.current, probe.current];
      if (outer && one)
        setView({ top: outer.scrollTop, height: outer.clientHeight, rowHeight: one.offsetHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    for (const element of [frame.current, probe.current]) if (element) observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  // A link to one item shows it, wherever in the list it is.
  const hasItems = items.length > 0;
  useLayoutEffect(() => {
    const index = selected === undefined ? -1 : items.findIndex((item) => idOf(item) === selected);
    if (index < 0) return;
    setActive(index);
    scrollTo(index);
  }, [selected, hasItems]);

  useLayoutEffect(() => {
    if (!focusNext.current) return;
    focusNext.current = false;
    frame.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)?.focus({ preventScroll: true });
  });

  const current = Math.min(active, Math.max(0, items.length - 1));
  const page = Math.max(1, Math.floor(height / rowHeight) - 1);
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS);
  const last = Math.min(items.length, Math.ceil((top + height) / rowHeight) + SPARE_ROWS);

  const moveTo = (index: number) => {
    const target = Math.min(Math.max(index, 0), items.length - 1);
    setActive(target);
    focusNext.current = true;
    scrollTo(target);
  };

  function scrollTo(index: number) {
    const [outer, one] = [frame.current, probe.current];
    if (!outer || !one) return;
    const start = index * one.offsetHeight;
    const end = start + one.offsetHeight;
    if (start < outer.scrollTop) outer.scrollTop = start;
    else if (end > outer.scrollTop + outer.clientHeight) outer.scrollTop = end - outer.clientHeight;
    setView((view) => ({ ...view, top: outer.scrollTop }));
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: items.length - 1,
    };
    const target = steps[event.key];
    if (target === undefined) return;
    event.preventDefault();
    moveTo(target);
  };

  // The active row stays in the document, because it may have the focus.
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, n) => first + n);
  if (items.length > 0 && !shown.includes(current)) shown.push(current);

  return (
    <div
      class={lines === 2 ? 'virtual-list two-lines' : 'virtual-list'}
      ref={frame}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget;
        setView((view) => ({ ...view, top: scrollTop }));
      }}
      onKeyDown={onKeyDown}
    >
      <div class="virtual-row virtual-probe" ref={probe} aria-hidden="true" />
      <ul class="virtual-rows" aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
        {shown.map((index) => {
          const item = items[index];
          if (item === undefined) return null;
          const id = idOf(item);
          return (
            <li
              key={id}
              class="virtual-row"
              aria-setsize={items.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${index * rowHeight}px)` }}
            >
              <a
                href={hrefOf(item)}
                data-index={index}
                tabIndex={index === current ? 0 : -1}
                aria-current={id === selected ? 'true' : undefined}
                onFocus={() => {
                  setActive(index);
                }}
              >
                {row(item)}
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
