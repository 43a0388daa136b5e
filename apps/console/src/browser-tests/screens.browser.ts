import { expectView, VIEWS } from './all-views.ts';
import { describeInBrowser, overflow, seriousFindings } from './harness.ts';

const WIDTHS = [320, 360, 480, 640, 768, 1000, 1200, 1280, 1600, 1920, 2560, 3840];
const AXE_WIDTHS = [360, 1280];

describeInBrowser('every view', ({ open, serve }) => {
  it.each(['light', 'dark'] as const)(
    'fits on every screen, and has no serious finding of axe: %s',
    async (colorScheme) => {
      const server = await serve();
      const page = await open(server.address, { colorScheme });
      for (const view of VIEWS) {
        await page.goto(server.at(view.address));
        await expectView(page, view);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          // The charts follow the width in the next frame.
          await page.waitForTimeout(100);
          expect([view.name, width, await overflow(page)]).toEqual([view.name, width, 0]);
          if (AXE_WIDTHS.includes(width))
            expect([view.name, await seriousFindings(page)]).toEqual([view.name, []]);
        }
      }
    },
  );
});
