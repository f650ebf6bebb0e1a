// SPDX-License-Identifier: EUPL-1.2

export const notifications = {
  'notice.message': 'New message',
  'notice.messageHint': 'Open the messaging service to read it.',
  'notice.mention': 'You are mentioned',
  'notice.mentionHint': 'Open the messaging service to read the message.',
  'notice.invitation': 'New invitation',
  'notice.invitationHint': 'Open the messaging service to answer it.',
  'notice.external': '{name} (external)',
  'notice.in': '{sender}, in “{room}”',
  'notice.invites': 'invites you to “{room}”',
  'notify.device': 'On this device',
  'notify.consequence':
    'Your browser will ask for your permission. You will then be told of new messages, even while the messaging service is closed. A notification says “New message”: no name, no content, unless you choose so.',
  'notify.on': 'Turn notifications on',
  'notify.off': 'Turn notifications off',
  'notify.reach.unknown': 'Notifications are on for this device.',
  'notify.reach.closed': 'Notifications are on for this device, even while the messaging service is closed.',
  'notify.reach.open':
    'Notifications are on for this device while the messaging service is open on it. Nothing will come while it is closed: the test says why.',
  'notify.denied':
    'Your browser refuses notifications from this address. Allow them in its settings (the symbol left of the address), then come back here.',
  'notify.absent':
    'This browser has no notifications here. From a private window, open an ordinary one; on iPhone and iPad, first add the messaging service to the home screen.',
  'notify.content': 'Show names and the text of messages',
  'notify.contentText':
    'While the messaging service is open. Whoever sees your screen sees them too, even locked.',
  'notify.attention': 'Tell me',
  'notify.attention.all': 'Of all messages',
  'notify.attention.direct': 'Of direct messages and mentions',
  'notify.attention.mentions': 'Of mentions only',
  'notify.attention.mixed': 'As set in another application',
  'notify.attentionHint': 'On all your devices. Counts for unread messages too.',
  'quiet.on': 'Quiet hours',
  'quiet.text':
    'Nothing calls you during these hours, on all your devices; messages wait for you. While the messenger is closed, your browser may show a notification without a sound.',
  'quiet.from': 'From',
  'quiet.until': 'Until',
  'quiet.weekend': 'And all of Saturday and Sunday',
  'notify.test': 'Receive a test',
  'notify.testText': 'Sends a notification to this device, and says what stops it if it does not arrive.',
  'notify.testing': 'Testing…',
  'notify.testPassed': 'The test has arrived: notifications work on this device.',
  'notify.testFailed': 'The test has not arrived.',
  'notify.link.permission': 'Permission of the browser',
  'notify.link.worker': 'Work in the background',
  'notify.link.offer': 'Answer of your messaging service',
  'notify.link.subscription': 'Subscription of the browser',
  'notify.link.server': 'Sending by your messaging service',
  'notify.link.delivery': 'Arrival on this device',
  'notify.held': 'works',
  'notify.faulty': 'does not work',
  'notify.notReached': 'not tried yet',
  'notify.fault.permission':
    'The browser refuses notifications from this address. Allow them in its settings (the symbol left of the address), then start again.',
  'notify.fault.worker':
    'The browser does not let the messaging service work in the background. A private window is often the cause: open an ordinary one.',
  'notify.fault.offer':
    'Your messaging service sends nothing while it is closed: its administrator has not switched that on. You are told while it is open.',
  'notify.fault.subscription':
    'The browser could not reach its notification service. A filtered network or a browser managed by your administration is often the cause.',
  'notify.fault.delivery':
    'The notification service took the test, and nothing came within thirty seconds. Check the notifications of the system, “Do not disturb” and power saving.',
  'notify.fault.accepted': 'The notification service took the test.',
  'notify.fault.address':
    'Your messaging service may not write to the notification service of this browser. Tell its administrator.',
  'notify.fault.unresolved':
    'Your messaging service does not find the notification service of this browser on the network. Tell its administrator.',
  'notify.fault.unreachable':
    'Your messaging service cannot reach the notification service of this browser. Tell its administrator.',
  'notify.fault.certificate':
    'Your messaging service does not accept the certificate of the notification service. Tell its administrator.',
  'notify.fault.key':
    'The notification service no longer knows your messaging service. Turn notifications off, then on again.',
  'notify.fault.gone': 'The browser has unsubscribed. Turn notifications off, then on again.',
  'notify.fault.later': 'The notification service is overloaded. Try again in a few minutes.',
  'notify.fault.refused': 'The notification service refused the test. Tell support.',
  'version.ready': 'A new version is ready.',
  'version.apply': 'Update',
  'version.later': 'Later',
  'install.title': 'Application',
  'install.text':
    'Once installed, the messaging service has a window and an icon of its own, with the number of unread messages. It stays the same, and nothing else is installed.',
  'install.button': 'Install the application',
  'install.done': 'The application is installed.',
  'install.how':
    'Your browser does not offer to install it from here: look for “Install” or “Add to home screen” in its menu.',
  'offline.lastVisit':
    'Offline: this is what is already on this device. Your messages will leave when the connection is back.',
} as const;
