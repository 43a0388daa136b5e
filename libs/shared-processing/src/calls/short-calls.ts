/** Time-outs of calls that are small both ways, as those to the ledger's table and to queues are, in milliseconds. */
export const SHORT_CALL_TIMEOUTS = {
  /** In which a connection must come about. */
  connectionMs: 2_000,
  /** In which an answer must come. */
  answerMs: 5_000,
};
