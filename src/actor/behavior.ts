/** A definition, bound to the runtime of one thread: its codecs, its handlers, and the classes of its refs. */
import { CALL_REQUEST, CAST_REQUEST } from '../mesh/records.js';
import { bindCodec, type MessageCodec } from '../messages/codec.js';
import { freezePlain } from '../messages/freeze.js';
import { NO_ROOM } from '../messages/memory.js';
import type { EntryPlan } from '../messages/protocol.js';
import { holdsView, type Shape, withoutViews } from '../messages/shape.js';
import type { Tools } from '../messages/tools.js';
import type { Details, Handler, MailboxPolicy } from './definition.js';
import type { Kernel } from './kernel.js';
import { HOOKS, type Hook } from './labels.js';
import { bindMethods, EMPTY, type MessageMethods } from './methods.js';
import { makeRefClasses, type RefClasses } from './ref-classes.js';

/** First guess at the bytes of a message that is copied. */
const COPY_BYTES = 1 << 12;

interface Codecs {
  readonly request: MessageCodec;
  /** Of a call. */
  readonly reply: MessageCodec | undefined;
}

/** The same codec, of which nothing arrives. */
const arrivingAsNothing = (codec: MessageCodec): MessageCodec => ({
  encode: codec.encode,
  decode: (at, end) => void codec.decode(at, end),
  take: (value) => void codec.take(value),
});

/** One message of a definition on this thread. */
export class BoundMessage {
  readonly plan: EntryPlan;
  readonly index: number;
  /** Type of its records. */
  readonly type: number;
  readonly isCall: boolean;
  /** Says to other threads that its handler runs. */
  readonly label: number;
  /** `Account.deposit`, for people. */
  readonly where: string;
  readonly handler: Handler;
  /** Whether its handler is given memory of the ring. */
  readonly holdsView: boolean;
  readonly methods: MessageMethods;
  readonly #kernel: Kernel;
  #inRings: Codecs | undefined;
  readonly #apart = new WeakMap<Tools, Codecs>();

  constructor(kernel: Kernel, details: Details, plan: EntryPlan, label: number) {
    this.#kernel = kernel;
    this.plan = plan;
    this.index = plan.index;
    this.type = (plan.isCall ? CALL_REQUEST : CAST_REQUEST) + plan.index;
    this.isCall = plan.isCall;
    this.label = label;
    this.where = `${details.name}.${plan.name}`;
    this.handler = details.handlers[plan.index]!;
    this.holdsView = holdsView(plan.request);
    this.methods = bindMethods(kernel, this);
  }

  #bind(shape: Shape, where: string, tools: Tools): MessageCodec {
    // Only `methods.receive` reads views as views; whoever keeps a message needs its own copy.
    return bindCodec(withoutViews(shape), tools, { where, strict: this.#kernel.strict });
  }

  /** Codec of the message in the rings. */
  get codec(): MessageCodec {
    return this.codecs(this.#kernel.mesh.tools).request;
  }

  /** The codecs that work on the memory of `tools`. */
  codecs(tools: Tools): Codecs {
    if (tools === this.#kernel.mesh.tools) {
      this.#inRings ??= this.#bindAll(tools);
      return this.#inRings;
    }
    let codecs = this.#apart.get(tools);
    if (codecs === undefined) {
      codecs = this.#bindAll(tools);
      this.#apart.set(tools, codecs);
    }
    return codecs;
  }

  #bindAll(tools: Tools): Codecs {
    const { request, reply, repliesNothing } = this.plan;
    const replyCodec = reply === undefined ? undefined : this.#bind(reply, `${this.where} reply`, tools);
    return {
      request: this.#bind(request, this.where, tools),
      reply: replyCodec !== undefined && repliesNothing ? arrivingAsNothing(replyCodec) : replyCodec,
    };
  }

  /** What `ref.tick()` sends is `{}`. */
  given(value: unknown): unknown {
    return value === undefined && this.plan.request.kind === 'record' ? EMPTY : value;
  }

  /** A message for an actor of this thread, as it would arrive from another. @throws InvalidMessage */
  take(value: unknown): unknown {
    return this.#kernel.strict ? this.#copy(value, ({ request }) => request) : this.codec.take(value);
  }

  /** The same for its reply. */
  takeReply(value: unknown): unknown {
    const given = value === undefined && this.plan.reply?.kind === 'record' ? {} : value;
    return this.#kernel.strict
      ? this.#copy(given, ({ reply }) => reply!)
      : this.codecs(this.#kernel.mesh.tools).reply!.take(given);
  }

  /** Sends a value through its codec and back, frozen: what `strict` does to messages that stay on the thread. */
  #copy(value: unknown, pick: (codecs: Codecs) => MessageCodec): unknown {
    const { mesh } = this.#kernel;
    for (let size = COPY_BYTES; ; size *= 2) {
      const tools = mesh.borrowApart(size);
      const codec = pick(this.codecs(tools));
      try {
        const end = codec.encode(value, 0, size);
        if (end !== NO_ROOM) return freezePlain(codec.decode(0, end));
      } finally {
        mesh.returnApart(tools);
      }
    }
  }
}

export class Behavior {
  readonly kernel: Kernel;
  readonly details: Details;
  readonly messages: readonly BoundMessage[];
  /** What receives each cast for an actor that is free; nothing for calls, and for messages that hold views. */
  readonly casts: readonly (MessageMethods['receive'] | undefined)[];
  readonly refs: RefClasses;
  readonly mailboxLimit: number;
  readonly mailboxPolicy: MailboxPolicy;
  readonly concurrency: number;
  readonly #firstLabel: number;

  /** @param declared what refs are compared by; differs from `details` where its handlers are watched */
  constructor(kernel: Kernel, details: Details, declared: Details = details) {
    this.kernel = kernel;
    this.details = details;
    this.#firstLabel = kernel.labels.bind(details);
    const label = this.#firstLabel + HOOKS.length;
    this.messages = details.plan.map((plan) => new BoundMessage(kernel, details, plan, label + plan.index));
    this.casts = this.messages.map((message) =>
      message.isCall || message.holdsView ? undefined : message.methods.receive,
    );
    this.mailboxLimit = details.mailboxLimit ?? kernel.mailboxLimit;
    this.mailboxPolicy = details.mailboxPolicy;
    this.concurrency = details.concurrency;
    const methods = Object.fromEntries(this.messages.map(({ plan, methods }) => [plan.name, methods]));
    this.refs = makeRefClasses(kernel, declared, details.name, methods);
  }

  /** Says to other threads that the hook runs. */
  labelOf(hook: Hook): number {
    return this.#firstLabel + HOOKS.indexOf(hook);
  }
}
