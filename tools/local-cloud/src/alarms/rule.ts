import { tokenize, type Tokens } from './tokens.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A composite alarm's rule: computes whether it is in ALARM from the states of other alarms (by name or ARN). */
export type Rule = (stateOf: (alarm: string) => AlarmState) => boolean;

const TOKEN = /"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/;
const states: Readonly<Record<string, AlarmState>> = {
  ALARM: 'ALARM',
  OK: 'OK',
  INSUFFICIENT_DATA: 'INSUFFICIENT_DATA',
};

/** Parses an AlarmRule: `ALARM("a") AND NOT OK(b)`. @throws AlarmError that names the unsupported part */
export function parseRule(text: string): Rule {
  const tokens = tokenize(text, TOKEN);
  const rule = either(tokens);
  tokens.end();
  return rule;
}

function either(tokens: Tokens): Rule {
  let left = both(tokens);
  while (tokens.taken('OR')) {
    const [one, other] = [left, both(tokens)];
    left = (stateOf) => one(stateOf) || other(stateOf);
  }
  return left;
}

function both(tokens: Tokens): Rule {
  let left = single(tokens);
  while (tokens.taken('AND')) {
    const [one, other] = [left, single(tokens)];
    left = (stateOf) => one(stateOf) && other(stateOf);
  }
  return left;
}

function single(tokens: Tokens): Rule {
  if (tokens.taken('NOT')) {
    const rule = single(tokens);
    return (stateOf) => !rule(stateOf);
  }
  if (tokens.taken('(')) {
    const rule = either(tokens);
    tokens.expect(')');
    return rule;
  }
  const token = tokens.take();
  if (token === 'TRUE' || token === 'FALSE') return () => token === 'TRUE';
  const wanted = states[token];
  if (!wanted) throw tokens.error(`"${token}" is not supported by the local cloud`);
  tokens.expect('(');
  const alarm = tokens.take().replace(/^"(.*)"$/, '$1');
  tokens.expect(')');
  return (stateOf) => stateOf(alarm) === wanted;
}
