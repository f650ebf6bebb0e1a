// SPDX-License-Identifier: EUPL-1.2
// The program, and a client of its API that checks every answer.
import { Api } from './http.ts';
import { Program, type ProgramOptions } from './program.ts';

export type ServerOptions = ProgramOptions;

export class Server extends Program {
  readonly api = new Api(() => this.url);

  static override async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(...(await Program.place(options)));
    await server.launch();
    return server;
  }
}
