/** Logs each record on its own line and treats it as its body says. */
export async function handler({ Records }) {
  const batchItemFailures = [];
  let answer;
  for (const record of Records) {
    const body = JSON.parse(record.body);
    const { ApproximateReceiveCount: receives } = record.attributes;
    console.log(
      JSON.stringify({ message: 'record', body, receives, id: record.messageId, batch: Records.length }),
    );
    if (body.do === 'fail') batchItemFailures.push({ itemIdentifier: record.messageId });
    if (body.do === 'fail-once' && receives === '1')
      batchItemFailures.push({ itemIdentifier: record.messageId });
    if (body.do === 'throw') throw new Error('the whole batch');
    if (body.do === 'name-a-stranger') batchItemFailures.push({ itemIdentifier: 'nobody' });
    if (body.do === 'hang') await new Promise((resolve) => setTimeout(resolve, body.ms));
    if (body.do === 'answer-null') answer = null;
  }
  return answer === null ? null : { batchItemFailures };
}
