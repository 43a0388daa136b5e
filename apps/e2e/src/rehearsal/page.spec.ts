import { commandsOf, isMention } from './page.ts';

const page = `# Page

\`\`\`sh
# Fill in
E=prod      # the environment
KEY=a/b…
\`\`\`

Ask \`aws sqs list-queues --queue-name-prefix $E\`, or use \`aws s3api restore-object\`; \`ops:find\` is a name.

1. A step:

   \`\`\`sh
   aws logs filter-log-events \\
     --log-group-name /$E      # a comment …
   \`\`\`

   \`npx nx run ops:find -- "$KEY"
   --env $E\` spans two lines.

\`\`\`json
{ "aws": "none" }
\`\`\`
`;

it('finds blocks and spans in order, with the variables to fill in', () => {
  const { variables, commands } = commandsOf(page);
  expect(variables).toEqual(['E', 'KEY']);
  expect(commands).toEqual([
    { line: 9, text: 'aws sqs list-queues --queue-name-prefix $E' },
    { line: 9, text: 'aws s3api restore-object' },
    { line: 14, text: 'aws logs filter-log-events \\\n  --log-group-name /$E      # a comment …\n' },
    { line: 18, text: 'npx nx run ops:find -- "$KEY" --env $E' },
  ]);
  expect(commands.map(isMention)).toEqual([false, true, false, false]);
});

it.each(['`aws events enable-rule …`', '`npx nx run ops:find -- KEY --from … --to …`'])(
  'refuses %s, which has an ellipsis',
  (text) => {
    expect(() => commandsOf(text)).toThrow('leaves something out');
  },
);
