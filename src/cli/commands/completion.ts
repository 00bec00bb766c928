import { readFile } from 'node:fs/promises'
import { answer, define } from '../command.ts'
import { oneOf } from '../numbers.ts'

export const command = define({
  summary: 'Print a script that completes commands, options and apps in your shell',
  args: 'SHELL',
  about: 'SHELL is bash, zsh or fish.',
  examples: [
    'berth completion bash > /etc/bash_completion.d/berth',
    'berth completion zsh > ~/.zfunc/_berth',
    'berth completion fish > ~/.config/fish/completions/berth.fish',
  ],
  async run(_, { args: [shell = ''] }) {
    const file = new URL(`../completion/berth.${oneOf('SHELL', shell, ['bash', 'zsh', 'fish'])}`, import.meta.url)
    const script = await readFile(file, 'utf8')
    return answer(script, () => [script.trimEnd()])
  },
})
