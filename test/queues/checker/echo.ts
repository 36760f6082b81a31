/**
 * What two threads do that talk in both directions: two rings, and one bell for each thread, which both of its ends
 * have and on which it sleeps for news and for room at once, as threads with many rings do.
 */
import type { Doorbell, RecordConsumer, RecordProducer, RingPlace } from '../../../native-free-queues/index.js';
import * as layout from '../../../native-free-queues/layout.js';
import { payloadOf, type Talk, typeOf, WrongRecord } from './programs.js';
import type { Program, Surroundings } from './thread.js';

interface Side {
  readonly bell: Doorbell;
  readonly out: RecordProducer;
  readonly inlet: RecordConsumer;
}

/** Where the ring for the way back lies. */
export const placeBack = ({ words, atBytes, capacityBytes }: RingPlace): RingPlace => {
  const endBytes = atBytes + layout.ringBytes(capacityBytes);
  return { words, atBytes: Math.ceil(endBytes / layout.ISOLATION_BYTES) * layout.ISOLATION_BYTES, capacityBytes };
};

/** The first side's bell is the first ring's for its producer, the second side's the one for its consumer. */
const sideOf = ({ queues, place }: Surroundings, isFirst: boolean): Side => {
  const bells = [layout.PRODUCER_BELL_WORD, layout.CONSUMER_BELL_WORD].map(
    (word) => new queues.Doorbell(place.words, word),
  );
  const [own, other] = (isFirst ? bells : bells.reverse()) as [Doorbell, Doorbell];
  const back = placeBack(place);
  return {
    bell: own,
    out: new queues.RecordProducer(isFirst ? place : back, { own, consumer: other }),
    inlet: new queues.RecordConsumer(isFirst ? back : place, { own, producer: other }),
  };
};

/** Sleeps until there is something to drain, or room for `bytes` bytes if that many are wanted. */
const sleep = ({ bell, out, inlet }: Side, bytes: number | undefined): void => {
  bell.arm();
  if (bytes !== undefined) out.wantRoom();
  const hasRoom = bytes !== undefined && out.refreshFreeBytes() >= bytes;
  if (!hasRoom && !inlet.hasNews()) bell.block(Number.POSITIVE_INFINITY);
  bell.disarm();
};

/** Sends all messages, as there is room, and takes the echoes, as they come. */
export const calling =
  ({ messages }: Talk): Program =>
  async (thread) => {
    const { queues, rest, tell } = thread;
    const side = sideOf(thread, true);
    const { out, inlet } = side;
    let sent = 0;
    let got = 0;
    const sink = {
      receive(type: number, at: number): void {
        if (type !== typeOf(got) || inlet.copyPayload(at).join() !== payloadOf(got, messages[got] ?? 0).join()) {
          throw new WrongRecord(`echo ${got} is of type ${type}`);
        }
        got++;
      },
    };
    while (got < messages.length) {
      rest('turn', side, sent, got);
      const payload = sent < messages.length ? payloadOf(sent, messages[sent]!) : undefined;
      if (payload !== undefined && out.tryWrite(typeOf(sent), payload)) {
        sent++;
        tell(sent);
        out.publish();
        continue;
      }
      if (inlet.drain(sink, 1) > 0) inlet.release();
      else sleep(side, payload && queues.payloadRecordBytes(payload.length));
    }
  };

/** Sends each message back before it takes the next one. */
export const echoing =
  ({ messages }: Talk): Program =>
  async (thread) => {
    const { queues, rest, tell } = thread;
    const side = sideOf(thread, false);
    const { out, inlet } = side;
    let got = 0;
    let echoed = 0;
    let payload = new Uint8Array();
    const sink = {
      receive(_type: number, at: number): void {
        payload = inlet.copyPayload(at) as Uint8Array<ArrayBuffer>;
        got++;
        tell(got);
      },
    };
    while (echoed < messages.length) {
      rest('turn', side, got, echoed, [...payload]);
      if (echoed < got) {
        if (out.tryWrite(typeOf(echoed), payload)) {
          echoed++;
          out.publish();
        } else sleep(side, queues.payloadRecordBytes(payload.length));
      } else if (inlet.drain(sink, 1) > 0) inlet.release();
      else sleep(side, undefined);
    }
  };
