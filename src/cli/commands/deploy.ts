import { define } from '../command.ts'
import { deployFrom } from '../deploys.ts'
import { detachOption, finish } from '../follow.ts'

export const command = define({
  summary: 'Deploy a folder, a file, the repository of an app, or an image',
  args: '[FOLDER|FILE]',
  app: true,
  options: {
    message: { type: 'string', short: 'm', value: 'TEXT', help: 'What it is (default: the last commit)' },
    'from-source': { type: 'boolean', help: 'Send nothing: fetch the repository that "source set" has named' },
    ref: { type: 'string', value: 'REF', help: 'The same, but this branch, tag or commit, only this time' },
    image: { type: 'string', value: 'REF', help: 'Send nothing: take a ready-made image of a registry' },
    'registry-user': { type: 'string', value: 'USER', help: 'Of the registry; its password comes from standard input' },
    'image-file': { type: 'string', value: 'FILE', help: 'Send an image as "docker save" writes it' },
    metadata: { type: 'boolean', help: "Send nothing: let the app's metadata of uPaaS fetch the code" },
    fresh: { type: 'boolean', help: 'Take nothing from earlier builds' },
    ...detachOption,
  },
  about:
    'Sends what git sees in FOLDER (this one unless named), changes that are not committed included and ignored files not;\n' +
    'without git, all of it. .berthignore, written like .gitignore, leaves out more. FILE is a .tar, .tar.gz or .zip.\n' +
    'What is larger than 64 MB is sent so that it goes on after a broken connection.',
  examples: [
    'berth deploy',
    'berth deploy ./site -a blog -m "New front page"',
    'berth deploy site.zip -a blog',
    'berth deploy --ref v1.2 -a blog',
    'berth deploy --image ghcr.io/ada/blog:v2 -a blog',
    'berth deploy --metadata -a blog',
  ],
  async run(cli, { args: [path], values }) {
    const target = { client: await cli.client(), app: await cli.app() }
    return await finish(cli, await deployFrom(target, path, values), values)
  },
})
