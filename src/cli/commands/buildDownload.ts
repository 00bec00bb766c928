import { resolve } from 'node:path'
import { buildName } from '../../model/build.ts'
import { answer, define } from '../command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { buildNumber } from '../numbers.ts'
import { isTerminal, writeAll } from '../print.ts'
import { Progress } from '../progress.ts'
import { UsageError } from '../usage.ts'
import { writeWhole } from '../wholeFile.ts'

export const command = define({
  summary: 'Download the image of a build, for "docker load"',
  args: 'bN',
  app: true,
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'Where to (default: APP-bN.tar); - for standard output',
    },
  },
  about: 'Who has the image has the code of the app. A file is there when it is whole, or not at all.',
  examples: ['berth build download b3 -a blog', 'berth build download b3 -a blog -o - | gzip > blog.tar.gz'],
  async run(cli, { args: [name = ''], values: { output } }) {
    const [client, app, number] = [await cli.client(), await cli.app(), buildNumber(name)]
    if (output === '-' && isTerminal)
      throw new UsageError('a terminal cannot show an image; name a file', 'build download')
    return await untilInterrupted(async (signal) => {
      const { bytes, size } = await client.download('downloadBuild', { params: { app, number } }, signal)
      const seen = counter(bytes, size)
      if (output === '-') {
        await writeAll(seen.bytes())
        return 0
      }
      const file = resolve(cli.cwd, output ?? `${app}-${buildName(number)}.tar`)
      await writeWhole(file, seen.bytes(), signal)
      const told = { file, bytes: seen.count() }
      return answer(told, () => [`${file} is there, ${megabytes(told.bytes)} MB; load it with: docker load -i ${file}`])
    })
  },
})

const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1)

/** Passes bytes on, counts them, and shows on a terminal how many went by. */
function counter(from: AsyncIterable<Uint8Array>, size: number | null) {
  const of = size === null ? '' : ` of about ${megabytes(size)}`
  let count = 0
  return {
    count: () => count,
    async *bytes(): AsyncGenerator<Uint8Array> {
      using progress = new Progress('waiting for the image')
      for await (const chunk of from) {
        count += chunk.length
        progress.label(`downloading ${megabytes(count)}${of} MB`)
        yield chunk
      }
    },
  }
}
