// SPDX-License-Identifier: EUPL-1.2
import { Component, type ReactNode } from 'react';

interface Props {
  /** What is drawn: when it is another, it is tried again. */
  of: unknown;
  /** Instead of what cannot be drawn; `again` tries. */
  renderInstead: (again: () => void) => ReactNode;
  children: ReactNode;
}

interface State {
  readonly failed: boolean;
}

/** What throws while it is drawn takes itself away, and nothing around it. */
export class Boundary extends Component<Props, State> {
  override readonly state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.failed && before.of !== this.props.of) this.again();
  }

  private readonly again = (): void => this.setState({ failed: false });

  override render(): ReactNode {
    return this.state.failed ? this.props.renderInstead(this.again) : this.props.children;
  }
}
