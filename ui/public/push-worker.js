/** Shows a push while no page of the control room is open, and opens the screen it is about when it is touched. */
const screens = { approvalWaits: '/approvals', emergencyCut: '/emergency' };

addEventListener('push', (event) => {
  const { id, kind, title, body } = event.data.json();
  event.waitUntil(
    // The same notice sent again takes the place of the first.
    self.registration.showNotification(title, { body, tag: id, requireInteraction: true, data: kind }),
  );
});

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((open) => {
      const [page] = open;
      return page ? page.focus() : self.clients.openWindow(screens[event.notification.data] ?? '/alarms');
    }),
  );
});
