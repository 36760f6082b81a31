/** What the two threads do: programs as users would write them, with a rest between any two calls of the rings. */
import type { Doorbell, RecordConsumer, RecordProducer } from '../../../native-free-queues/index.js';
import type { Queues } from './source.js';
import type { Program, Surroundings } from './thread.js';

/** Thrown by a program that is given what was not sent. */
export class WrongRecord extends Error {}

const WORD_BYTES = 4;

/** What message number `index` carries: bytes that tell which one it is, and which place they have in it. */
export const payloadOf = (index: number, words: number): Uint8Array =>
  Uint8Array.from({ length: words * WORD_BYTES }, (_, i) => ((index + 1) << 4) | (i + 1));

export const typeOf = (index: number): number => index + 1;

/** Of a record that is never published. */
const ABANDONED_TYPE = 99;

/** The flags that a producer sets behind its last message, if it sets any. */
const LAST_FLAGS = 5;

export interface Talk {
  /** Words of payload of each message. */
  readonly messages: readonly number[];
  /** Messages that the producer commits before it publishes. */
  readonly batch?: number;
  /** Messages that the consumer drains at most before it releases. */
  readonly drain?: number;
  /** Whether the threads sleep on their event loops. */
  readonly eventLoop?: boolean;
  /** Whether sleeps have a time limit, which may pass at any time. */
  readonly timeLimits?: boolean;
  /**
   * After so many messages each side makes its end anew, as who takes a ring over does. The earlier producer leaves a
   * record that it has not published, the earlier consumer records that it has not released.
   */
  readonly takeOver?: number;
  /** Where the earlier producer ends: before it rings the bell, or between the swap and the wake. */
  readonly endsBefore?: 'ring' | 'wake';
  /** Whether the consumer interrupts its drains after each message, and releases paddings as well. */
  readonly interrupt?: boolean;
  /** Whether the producer ends with a change of its flags and nothing else. */
  readonly flags?: boolean;
  /** Whether the consumer says by a note how many messages it has got. */
  readonly notes?: boolean;
  /** Whether the producer waits for an answer to each message: a note, with a ring of its bell. */
  readonly answers?: boolean;
  /** Whether the producer claims the longest record before it closes, and does not commit it. */
  readonly claims?: boolean;
  /** Whether the consumer sends each message back, by a second ring. */
  readonly echo?: boolean;
  /** After so many messages the consumer closes and reads no more; the producer goes on until it is refused. */
  readonly hangUp?: number;
}

/** Both kinds of waits can be awaited. */
type AnyWait = ReturnType<Queues['eventLoopWait']>;

export const waitOf = (
  { queues }: Surroundings,
  { eventLoop, timeLimits }: Pick<Talk, 'eventLoop' | 'timeLimits'>,
): AnyWait => {
  if (eventLoop) return queues.eventLoopWait();
  return (timeLimits ? queues.blockWait() : queues.blockWait(Number.POSITIVE_INFINITY)) as unknown as AnyWait;
};

/** Makes a bell that of a ringer who ends there. */
export const mute = (bell: Doorbell, endsBefore: 'ring' | 'wake'): void => {
  bell.ring = () => {
    if (endsBefore === 'wake' && bell.asleep) bell.disarm();
    return false;
  };
};

const isClosed = (error: unknown): boolean => (error as { code?: string }).code === 'QUEUE_CLOSED';

export const producing =
  (talk: Talk): Program =>
  async (thread) => {
    const { messages, batch = 1, takeOver, hangUp } = talk;
    const { queues, place, rest, tell } = thread;
    let end: RecordProducer = new queues.RecordProducer(place);
    if (talk.endsBefore !== undefined) mute(end.consumerBell, talk.endsBefore);
    let heard = 0;
    for (let sent = 0; sent < messages.length; ) {
      rest('write', end, sent, heard);
      const payload = payloadOf(sent, messages[sent]!);
      const bytes = queues.payloadRecordBytes(payload.length);
      // Such a claim looks for room, and may show what is committed.
      if (end.cursor + bytes > end.limit) tell(sent);
      let written: boolean;
      try {
        written = end.tryWrite(typeOf(sent), payload);
      } catch (error) {
        if (hangUp === undefined || !isClosed(error)) throw error;
        return;
      }
      rest('written', end, sent, heard, written);
      if (!written) {
        await end.waitForRoom(bytes, waitOf(thread, talk));
        continue;
      }
      sent++;
      if (sent % batch === 0) {
        tell(sent);
        end.publish();
        rest('published', end, sent, heard);
        if (sent === takeOver) {
          end.tryWrite(ABANDONED_TYPE, payload);
          rest('abandoned', end, sent, heard);
          end = new queues.RecordProducer(place);
        }
      }
      if (talk.notes) {
        const note = end.loadNote(0);
        if (note < heard || note > sent) throw new WrongRecord(`the note says ${note} after ${heard}`);
        heard = note;
      }
      if (talk.answers) {
        const answered = sent;
        while (end.loadNote(0) !== answered) {
          rest('unanswered', end, sent, heard);
          await waitOf(thread, talk).wait(end.bell, () => end.loadNote(0) === answered);
          rest('answered', end, sent, heard);
        }
      }
    }
    rest('close', end);
    tell(messages.length);
    if (talk.flags) {
      end.setFlags(LAST_FLAGS);
      end.publish();
      rest('flags', end);
    }
    if (talk.claims) end.claim(end.recordBytesMax);
    end.close();
  };

export const consuming =
  (talk: Talk): Program =>
  async (thread) => {
    const { messages, drain = messages.length, takeOver, hangUp } = talk;
    const { queues, place, rest, tell } = thread;
    let end: RecordConsumer = new queues.RecordConsumer(place);
    let got = 0;
    let taken = false;
    const sink = {
      receive(type: number, at: number): void {
        const payload = end.copyPayload(at);
        const expected = payloadOf(got, messages[got] ?? 0);
        if (type !== typeOf(got) || payload.join() !== expected.join()) {
          throw new WrongRecord(`message ${got} is of type ${type} and says ${payload}`);
        }
        got++;
        tell(got);
        if (talk.interrupt) end.interrupt();
      },
    };
    for (;;) {
      rest('look', end, got, taken);
      if (end.ended) break;
      rest('drain', end, got, taken);
      const count = end.drain(sink, drain);
      rest('drained', end, got, taken, count);
      if (talk.interrupt) end.release();
      if (count === 0) {
        await end.waitForNews(waitOf(thread, talk));
        continue;
      }
      if (talk.notes || talk.answers) end.publishNote(0, got);
      if (talk.answers) end.producerBell.ring();
      if (takeOver !== undefined && got >= takeOver && !taken) {
        end = new queues.RecordConsumer(place);
        taken = true;
        rest('taken over', end, got, taken);
      }
      end.release();
      if (hangUp !== undefined && got >= hangUp) {
        rest('hang up', end, got);
        end.close();
        return;
      }
    }
    if (got !== messages.length) throw new WrongRecord(`${got} of ${messages.length} messages have come`);
    if (talk.flags && end.flags !== LAST_FLAGS) throw new WrongRecord(`the flags say ${end.flags}`);
  };
