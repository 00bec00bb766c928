import { readFile } from 'node:fs/promises'
import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Print the version',
  examples: ['berth version'],
  async run() {
    const { version }: { version: string } = JSON.parse(
      await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
    )
    return answer({ version, node: process.version }, () => [`berth ${version} (node ${process.version})`])
  },
})
