/** What the author of an adapter needs, as `heddle/laboratory`: types only, since the laboratory is a command. */
export type {
  Adapter,
  Distribution,
  Payload,
  Placement,
  Session,
  Situation,
  Tasks,
  Timed,
  Wait,
} from './adapter.js';
