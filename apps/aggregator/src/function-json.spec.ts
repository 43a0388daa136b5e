import { join } from 'node:path';
import { describeFunctionJson } from '@data-aggregator/bundling/function/testing';

describeFunctionJson(join(import.meta.dirname, '../function.json'));
