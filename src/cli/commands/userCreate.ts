import { answer, define } from '../command.ts'
import { oneOf } from '../numbers.ts'
import { readStdin } from '../prompt.ts'

export const command = define({
  summary: 'Create a user (operators)',
  args: 'NAME',
  options: {
    team: { type: 'string', value: 'TEAM', help: 'A team to be a member of' },
    role: { type: 'string', value: 'ROLE', help: 'member (default), or admin: an operator of the installation' },
    'password-stdin': { type: 'boolean', help: 'Read the password from standard input (else one is made and shown)' },
  },
  examples: ['berth user create ada --team staff'],
  async run(cli, { args: [name = ''], values }) {
    const role = oneOf('--role', values.role ?? 'member', ['admin', 'member'])
    const team = values.team === undefined ? {} : { team: values.team }
    const password = values['password-stdin'] ? { password: (await readStdin()).replace(/\r?\n$/, '') } : {}
    const user = await (await cli.client()).call('createUser', { body: { name, role, ...team, ...password } })
    const made = user.password === null ? [] : [`password: ${user.password}`, 'Hand it over: it is not shown again.']
    return answer(user, () => [`user "${user.name}" is created`, ...made])
  },
})
