/** Invokes a function as often as its parent process asks, like the instance of a Lambda function that stays warm. */
const { handler } = await import(process.argv[2]);

process.on('message', async ({ event, awsRequestId, lastsMs }) => {
  const beganMs = performance.now();
  const getRemainingTimeInMillis = () => lastsMs - (performance.now() - beganMs);
  await handler(event, { awsRequestId, getRemainingTimeInMillis });
  process.send({ seconds: (performance.now() - beganMs) / 1000, peakBytes: process.resourceUsage().maxRSS * 1024 });
});
process.send({ isReady: true });
