import { Execution, type End, type ExecutionContext, LOCAL_START, type Role } from './execution.ts';
import { Interner } from './interner.ts';
import type { Operation, Reply } from './services.ts';

/** What an actor waits for after a history of answers. */
export interface Node {
  id: number;
  role: Role;
  /** The calls that wait, by the number of their operation, which is in the actor's own time. */
  calls: readonly number[];
  end: End | undefined;
  /** What followed an answer, if it depends on the time, and if it does not. */
  edges: Map<number, Node>;
  /** The answer that led here. */
  from: { node: Node; call: number; reply: number; now: number } | undefined;
  /** Answers, in an order that does not depend on when they came. */
  history: readonly string[];
  /** A run that waits here; the first continuation uses it. */
  execution: Execution | undefined;
}

/** Runs that are kept while they wait. */
const MAX_KEPT = 4_000;
const MAX_REPLIES = 1 << 20;
/** Time steps of an actor's life that edges distinguish; 0 if the code did not read the clock. */
const MAX_MOMENTS = 64;

/**
 * The real code of actors as automata: an edge is an answer, a node what the code waits for after it. The code runs once for each edge;
 * from then on the search follows the edge. A node is reached by one order of answers to concurrent calls, and stands for the others if
 * they lead to the same calls.
 */
export class Automaton {
  readonly operations = new Interner<Operation>();
  readonly replies = new Interner<Reply>();
  /** Runs of the code, and answers to it. */
  executions = 0;
  answers = 0;
  readonly #context: ExecutionContext;
  readonly #nodes: Node[] = [];
  readonly #byKey = new Map<string, Node>();
  readonly #roots = new Map<string, Node>();
  readonly #kept: Node[] = [];
  readonly #stepMs: number;

  /** @param stepMs between two moments that matter */
  constructor(context: ExecutionContext, stepMs: number) {
    this.#context = context;
    this.#stepMs = stepMs;
  }

  node(id: number): Node {
    const node = this.#nodes[id - 1];
    if (!node) throw new Error(`there is no node ${id}`);
    return node;
  }

  /** An actor that has just started. */
  async root(role: Role): Promise<Node> {
    const key = JSON.stringify(role);
    const known = this.#roots.get(key);
    if (known) return known;
    const execution = new Execution(role, this.#context);
    this.executions++;
    await execution.start();
    const node = this.#nodeOf(role, execution, [`root ${this.#roots.size}`], undefined);
    this.#roots.set(key, node);
    return node;
  }

  /**
   * What follows an answer, if that is known already.
   *
   * @param step of the actor's own time, 0 when it started
   */
  known(node: Node, call: number, reply: number, step: number): Node | undefined {
    const edge = edgeOf(call, reply);
    return node.edges.get(edge) ?? node.edges.get(edge + step + 1);
  }

  /** What follows an answer. */
  async next(node: Node, call: number, reply: number, step: number): Promise<Node> {
    const known = this.known(node, call, reply, step);
    if (known) return known;
    const now = LOCAL_START + step * this.#stepMs;
    const execution = await this.#executionAt(node);
    await this.#answer(execution, call, reply, now);
    const { hasReadClock } = execution;
    const event = `${call}:${reply}${hasReadClock ? `@${step}` : ''}`;
    const history = [...node.history, event].sort();
    const next = this.#nodeOf(node.role, execution, history, { node, call, reply, now });
    node.edges.set(edgeOf(call, reply) + (hasReadClock ? step + 1 : 0), next);
    return next;
  }

  #nodeOf(role: Role, execution: Execution, history: readonly string[], from: Node['from']): Node {
    const { end } = execution;
    const calls = execution.parked
      .map(({ operation }) => this.operations.idOf(operation))
      .sort((a, b) => a - b);
    const key = `${history.join()} ${calls.join()} ${end ? JSON.stringify(end) : ''}`;
    const known = this.#byKey.get(key);
    if (known) return known;
    const node: Node = {
      ...{ id: this.#nodes.length + 1, role, calls, end, edges: new Map(), from, history },
      execution: end ? undefined : execution,
    };
    this.#nodes.push(node);
    this.#byKey.set(key, node);
    this.#keep(node);
    return node;
  }

  #keep(node: Node): void {
    this.#kept.push(node);
    if (this.#kept.length <= MAX_KEPT) return;
    for (const old of this.#kept.splice(0, MAX_KEPT / 2)) old.execution = undefined;
  }

  /** A run that waits at a node: the one that found it, or another one with the same answers. */
  async #executionAt(node: Node): Promise<Execution> {
    const { execution } = node;
    node.execution = undefined;
    if (execution) return execution;
    const events: NonNullable<Node['from']>[] = [];
    for (let at = node; at.from; at = at.from.node) events.push(at.from);
    const again = new Execution(node.role, this.#context);
    this.executions++;
    await again.start();
    for (const { call, reply, now } of events.reverse()) await this.#answer(again, call, reply, now);
    return again;
  }

  async #answer(execution: Execution, call: number, reply: number, now: number): Promise<void> {
    const parked = execution.parked.find(({ operation }) => this.operations.idOf(operation) === call);
    if (!parked)
      throw new Error(`the code does not repeat the call ${JSON.stringify(this.operations.valueOf(call))}`);
    this.answers++;
    await execution.answer(parked, this.replies.valueOf(reply), now);
  }
}

function edgeOf(call: number, reply: number): number {
  return (call * MAX_REPLIES + reply) * MAX_MOMENTS;
}
