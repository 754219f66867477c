#[async_trait]
impl<T: Send, const N: usize> Orders for HttpShop<T, { N + 1 }>
where
    T: Sync,
{
    #![allow(unused)]
    const MOST: usize = { 3 };
    type Order = Order<{ N }>;
    macros! {}
    #[::tallymark::measure(__of_type = "http_shop", namespace = "shop")]
    #[measure(skip)]
    const fn new() -> Self {
        Self
    }
    #[::tallymark::measure(__of_type = "http_shop", namespace = "shop")]
    #[counter]
    pub(crate) async fn place(&self, cart: Cart<T>) -> Result<Self::Order, Error> {
        the_body(cart).await
    }
    made_by!(a_macro);
}
