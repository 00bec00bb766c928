import { answer, define } from '../command.ts'
import { oneOf } from '../numbers.ts'
import { askSecret, canAsk, readStdin } from '../prompt.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Disable or enable a user, change the role, set a new password (operators)',
  args: 'NAME',
  options: {
    disable: { type: 'boolean', help: 'Keys and tokens stop working at once' },
    enable: { type: 'boolean', help: 'They work again' },
    role: { type: 'string', value: 'ROLE', help: 'admin (operator) or member' },
    password: { type: 'boolean', help: 'Set a new password, asked for or from standard input' },
  },
  examples: ['berth user change ada --disable', 'berth user change ada --role admin'],
  async run(cli, { args: [user = ''], values }) {
    const body = {
      ...(values.disable || values.enable ? { disabled: values.disable === true } : {}),
      ...(values.role === undefined ? {} : { role: oneOf('--role', values.role, ['admin', 'member']) }),
      ...(values.password ? { password: await newPassword() } : {}),
    }
    if (values.disable && values.enable) throw new UsageError('--disable or --enable, not both', 'user change')
    if (Object.keys(body).length === 0) throw new UsageError('say what to change', 'user change')
    const changed = await (await cli.client()).call('changeUser', { params: { user }, body })
    return answer(changed, () => [`user "${changed.name}" is changed`])
  },
})

const newPassword = async () =>
  canAsk() ? askSecret('New password (at least 12 characters)') : (await readStdin()).replace(/\r?\n$/, '')
