import { receiveHook } from '../../../contract/hooks.ts'
import { handleSigned } from '../handle.ts'

export const route = handleSigned(
  receiveHook,
  ({ hooks }, { params, address, announced }) => hooks.admit(params.hook, address, announced),
  ({ hooks }, { params, address, body, header }) => hooks.receive(params.hook, { body, header }, address),
)
