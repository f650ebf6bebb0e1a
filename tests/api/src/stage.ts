// SPDX-License-Identifier: EUPL-1.2
// One server for the tests of a file. Users have unique names, so that no test sees another's.
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Api } from './http.ts';
import { Server, type ServerOptions } from './server.ts';
import { User } from './user.ts';

export interface Stage {
  readonly server: Server;
  readonly api: Api;
  user(name?: string, extra?: object): Promise<User>;
  users(...names: string[]): Promise<User[]>;
}

export function stage(options: ServerOptions = {}): Stage {
  let server: Server | undefined;
  const running = () => {
    if (!server) throw new Error('the server is not started');
    return server;
  };
  beforeAll(async () => {
    server = await Server.start(options);
  });
  afterEach((context) => {
    if (context.task.result?.state === 'fail' && server) {
      console.error(`--- log of the server (${context.task.name})\n${server.log.slice(-3000)}`);
    }
  });
  afterAll(async () => {
    await server?.dispose();
  });
  return {
    get server() {
      return running();
    },
    get api() {
      return running().api;
    },
    user: (name, extra) => User.register(running().api, name, extra),
    users: (...names) => Promise.all(names.map((name) => User.register(running().api, name))),
  };
}
