/** What can go wrong with a ring. Each has a stable `code`; compare that, not the class. */
export type QueueErrorCode =
  | 'QUEUE_INVALID_CAPACITY'
  | 'QUEUE_INVALID_MEMORY'
  | 'QUEUE_RECORD_TOO_LARGE'
  | 'QUEUE_CLOSED'
  | 'QUEUE_CORRUPT';

export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: QueueErrorCode;

  constructor(code: QueueErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
