import './state/language.ts';
import { render } from 'preact';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import 'uplot/dist/uPlot.min.css';
import { Shell } from './parts/shell.tsx';
import type { ViewId } from './state/address.ts';
import { isLockedOut } from './state/access.ts';
import { stayConnected } from './state/live.ts';
import { route } from './state/route.ts';
import { AlarmsView } from './views/alarms.tsx';
import { BundlesView } from './views/bundles.tsx';
import { CostView } from './views/cost.tsx';
import { FileView } from './views/file.tsx';
import { FlowView } from './views/flow.tsx';
import { FunctionsView } from './views/functions.tsx';
import { LoadView } from './views/load.tsx';
import { QuarantineView } from './views/quarantine.tsx';

const VIEWS: Record<ViewId, () => preact.ComponentChildren> = {
  flow: FlowView,
  file: FileView,
  bundles: BundlesView,
  quarantine: QuarantineView,
  alarms: AlarmsView,
  functions: FunctionsView,
  cost: CostView,
  load: LoadView,
};

function Page() {
  const View = VIEWS[route.value.view];
  return <Shell>{!isLockedOut.value && <View />}</Shell>;
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
void stayConnected();
