//! Many accounts at once, for stories about crowds.

use latchkey::store::GenericClient;

/// Makes accounts: `user1` and so on, each with the address `<name>@example.test`, that may read.
pub async fn people(client: &impl GenericClient, count: i64) {
    const PEOPLE: &str = "INSERT INTO public.tm_user (username, email, tenant_id, role) \
         SELECT 'user' || n, 'user' || n || '@example.test', t.id, r.id \
         FROM generate_series(1, $1::bigint) n, public.tenant t, public.role r \
         WHERE t.name = 'root' AND r.name = 'read-only'";
    client.execute(PEOPLE, &[&count]).await.unwrap();
}
