import { readFile } from 'node:fs/promises'
import { refuse } from '../../model/refusal.ts'
import { answer, define } from '../command.ts'
import { readStdin } from '../prompt.ts'

export const command = define({
  summary: 'Add an SSH public key of yours, to push with',
  args: 'FILE',
  options: { name: { type: 'string', value: 'NAME', help: 'How to call it (default: its comment)' } },
  about: 'FILE is the public half (.pub); - reads it from standard input.',
  examples: ['berth key add ~/.ssh/id_ed25519.pub', 'ssh-add -L | head -1 | berth key add - --name laptop'],
  async run(cli, { args: [file = ''], values }) {
    const key = await publicKey(file)
    const client = await cli.client()
    const body = { key, ...(values.name !== undefined && { name: values.name }) }
    const added = await client.call('addKey', { body })
    return answer(added, () => [`key "${added.name}" is added (${added.fingerprint})`])
  },
})

/** A private key never leaves this machine, whichever file was named. */
async function publicKey(file: string): Promise<string> {
  const text =
    file === '-'
      ? await readStdin()
      : await readFile(file, 'utf8').catch(() => refuse('INVALID', file, 'cannot be read'))
  if (!text.includes('PRIVATE KEY')) return text.trim()
  return refuse('INVALID', file, `is a private key; give the public half, usually ${file === '-' ? 'FILE' : file}.pub`)
}
