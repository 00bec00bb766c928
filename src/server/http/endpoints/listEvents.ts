import { listEvents } from '../../../contract/events.ts'
import * as events from '../../store/events.ts'
import { onPlatform } from '../authorized.ts'
import { handle } from '../handle.ts'
import { eventView } from '../views/event.ts'

export const route = handle(listEvents, async ({ store }, call) => {
  onPlatform(call)
  return (await store.read((tx) => events.listEvents(tx, call.query))).map(eventView)
})
