// The same two commands with Bolt for JavaScript: signatures verified, nothing stored, nobody called.
const fs = require('fs');
const { App, HTTPReceiver, LogLevel } = require(process.env.BOLT);

const help = fs.readFileSync(process.env.HELP, 'utf8');
const receiver = new HTTPReceiver({
  signingSecret: process.env.SLACK_SIGNING_SECRET,
  endpoints: ['/slack/commands'],
  logLevel: LogLevel.ERROR,
});
const authorization = { botToken: 'xoxb-race', botId: 'B0ALPHA', botUserId: 'U0ALPHA' };
const app = new App({ receiver, authorize: async () => authorization, logLevel: LogLevel.ERROR });

let number = 0;
app.command('/alpha', async ({ command, ack }) => {
  const [verb, role] = command.text.split(' ');
  if (verb === 'analyze') {
    number += 1;
    const text = `Analysing ${role} over 90 days, as job-${number}. The thread that opens now shows how far it is.`;
    await ack({ response_type: 'ephemeral', text });
  } else {
    await ack({ response_type: 'ephemeral', text: help });
  }
});

app.start({ port: Number(process.env.PORT), host: '127.0.0.1' });
