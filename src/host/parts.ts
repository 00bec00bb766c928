import type { Config } from '../config/config.ts'
import type { Argv } from '../lib/exec.ts'

export type PartName = 'dockerd' | 'registry' | 'server' | 'sshd' | 'router'

/** One program that must always run. */
export type Part = {
  readonly name: PartName
  readonly argv: Argv
  /** A text in its command line that no other installation's has. */
  readonly mark: string
  /** Ends it without harm to whom it serves. */
  readonly stop: 'TERM' | 'USR1'
  readonly graceSeconds: number
}

/** `root` is the folder that Berth runs from. */
export function parts(config: Config, root: string): Record<PartName, Part> {
  const title = `berth-server ${config.dataDir}/`
  const sshConfig = `${config.ssh.dir}/sshd_config`
  return {
    dockerd: {
      name: 'dockerd',
      // Without a pid file: one that a crash left behind would keep it from starting.
      argv: ['dockerd', '--pidfile='],
      mark: 'dockerd',
      stop: 'TERM',
      graceSeconds: 30,
    },
    registry: {
      name: 'registry',
      argv: [`${root}/libexec/registry`, config.packages.own.dir],
      mark: config.packages.own.dir,
      stop: 'TERM',
      graceSeconds: 10,
    },
    server: {
      name: 'server',
      // Types stripped and code compiled once, and small young spaces: 35 MB less at rest, and a faster start. A fixed
      // threshold of malloc gives back what a hash of a password takes, which would stay: 16 MB for each thread.
      argv: [
        '/usr/bin/env',
        `NODE_COMPILE_CACHE=${config.builds.cache}/node`,
        'MALLOC_MMAP_THRESHOLD_=1048576',
        process.execPath,
        '--max-semi-space-size=2',
        `--title=${title}`,
        `${root}/src/server/main.ts`,
      ],
      mark: title,
      stop: 'TERM',
      graceSeconds: 20,
    },
    sshd: {
      name: 'sshd',
      argv: ['/usr/sbin/sshd', '-D', '-e', '-f', sshConfig],
      mark: sshConfig,
      stop: 'TERM',
      graceSeconds: 5,
    },
    router: {
      name: 'router',
      argv: ['/usr/sbin/haproxy', '-W', '-S', config.router.master, '-f', config.router.config],
      mark: config.router.config,
      stop: 'USR1',
      graceSeconds: 10,
    },
  }
}
